import { join } from "node:path";
import { Fault } from "../../fault.ts";
import { launchdPlist } from "../launchd-plist.ts";
import { must, type ServiceMachine } from "../machine.ts";
import { defineServiceManager, type ServiceRef, type ServiceState } from "../service-manager.ts";

const DAEMONS = "/Library/LaunchDaemons";

/** launchd of macOS: an agent of one account, or a daemon of the machine. */
export default defineServiceManager({
  id: "launchd",
  platforms: ["darwin"],

  ref(profile, level, { env }) {
    const name =
      env.get("OPENCLAW_LAUNCHD_LABEL") ?? `ai.openclaw.${profile === "default" ? "gateway" : profile}`;
    const folder = level === "system" ? DAEMONS : join(env.home, "Library/LaunchAgents");
    return { manager: "launchd", level, name, file: join(folder, `${name}.plist`) };
  },

  async refusal(_level, machine) {
    const { exitCode, output } = await machine.run("launchctl", ["managerpid"]);
    return exitCode === 0 ? undefined : output.split("\n")[0] || "launchctl does not answer";
  },

  files: (spec) => [
    // Secrets are in there, as launchd has no other place for them.
    { path: spec.ref.file, content: launchdPlist(spec), mode: 0o600 },
  ],

  async install(ref, machine) {
    if (ref.level === "user" && machine.host.text(join(DAEMONS, `${ref.name}.plist`)) !== undefined) {
      throw new Fault(`a system LaunchDaemon has the label ${ref.name} already`, {
        why: "Two supervisors would start the same gateway, each as another account.",
        fix: `sudo launchctl bootout system/${ref.name}`,
      });
    }
    await machine.run("launchctl", ["bootout", target(ref, machine)]);
    await this.start(ref, machine);
  },

  // A job is read when it is loaded; the next start does that.
  async reload() {},

  async start(ref, machine) {
    const { loaded } = await this.state(ref, machine);
    if (loaded) return void (await ask(ref, machine, "kickstart", target(ref, machine)));
    await ask(ref, machine, "enable", target(ref, machine));
    await ask(ref, machine, "bootstrap", domain(ref, machine), ref.file);
  },

  async stop(ref, machine, { disable }) {
    const { loaded } = await this.state(ref, machine);
    if (loaded) await ask(ref, machine, "bootout", target(ref, machine));
    if (disable) await ask(ref, machine, "disable", target(ref, machine));
  },

  async restart(ref, machine) {
    const { loaded } = await this.state(ref, machine);
    if (loaded) await ask(ref, machine, "kickstart", "-k", target(ref, machine));
    else await this.start(ref, machine);
  },

  async uninstall(ref, machine) {
    await this.stop(ref, machine, { disable: false });
    return [ref.file];
  },

  async state(ref, machine) {
    const { exitCode, output } = await machine.run("launchctl", ["print", target(ref, machine)]);
    return exitCode === 0 ? readState(output) : { loaded: false, runtime: "stopped" };
  },

  words(ref) {
    const sudo = ref.level === "system" ? "sudo " : "";
    const place = ref.level === "system" ? `system/${ref.name}` : `gui/$(id -u)/${ref.name}`;
    return {
      status: `launchctl print ${place}`,
      logs: "openclaw logs --tail 100",
      edit: `${sudo}\${EDITOR:-vi} ${ref.file}`,
      disable: `${sudo}launchctl bootout ${place}`,
    };
  },
});

function domain({ level }: ServiceRef, { uid }: ServiceMachine): string {
  return level === "system" ? "system" : `gui/${uid}`;
}

function target(ref: ServiceRef, machine: ServiceMachine): string {
  return `${domain(ref, machine)}/${ref.name}`;
}

async function ask(ref: ServiceRef, machine: ServiceMachine, ...args: string[]): Promise<string> {
  const fix = `${ref.level === "system" ? "sudo " : ""}launchctl print ${target(ref, machine)}`;
  return must(machine, ["launchctl", ...args], fix);
}

/** Pure: what `launchctl print` says of a job. */
export function readState(output: string): ServiceState {
  const value = (name: string) => new RegExp(`^\\s*${name} = (.+)$`, "m").exec(output)?.[1]?.trim();
  const state = value("state") ?? "";
  const pid = Number(value("pid"));
  const exit = /^-?\d+/.exec(value("last exit code") ?? "")?.[0];
  const signal = /(SIG\w+)|: (\w+)/.exec(value("last terminating signal") ?? "");
  const runtime = state === "running" ? "running" : state === "spawn scheduled" ? "starting" : "stopped";
  return {
    loaded: true,
    enabled: true,
    runtime: runtime !== "running" && exit !== undefined && exit !== "0" ? "failed" : runtime,
    ...(pid > 0 && { pid }),
    ...(runtime !== "running" && exit !== undefined && { exitCode: Number(exit) }),
    ...(runtime !== "running" && signal && { signal: signal[1] ?? signal[2]! }),
    ...(state && { detail: state }),
  };
}

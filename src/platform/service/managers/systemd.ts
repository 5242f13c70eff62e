import { lstatSync, readlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { must, type ServiceMachine } from "../machine.ts";
import {
  type DefinitionFile,
  defineServiceManager,
  type ServiceLevel,
  type ServiceRef,
  type ServiceState,
} from "../service-manager.ts";
import { environmentFileText, unitText } from "../systemd-text.ts";

const SYSTEM_FOLDER = "/etc/systemd/system";

/** systemd, for one account or for the machine. */
export default defineServiceManager({
  id: "systemd",
  platforms: ["linux"],

  ref(profile, level, { env }) {
    const name = `openclaw-gateway${profile === "default" ? "" : `-${profile}`}.service`;
    const config = env.get("XDG_CONFIG_HOME") ?? join(env.home, ".config");
    const folder = level === "system" ? SYSTEM_FOLDER : join(config, "systemd/user");
    return { manager: "systemd", level, name, file: join(folder, name) };
  },

  async refusal(level, machine) {
    const { exitCode, output } = await systemctl(level, machine, "show", "--property=Version");
    if (exitCode === 0) return undefined;
    const first = output.split("\n")[0] || "systemctl does not answer";
    return level === "user" ? `${first} (systemd of this account)` : first;
  },

  files(spec) {
    const unit: DefinitionFile = {
      path: spec.ref.file,
      content: unitText(spec, aliasFor(spec.ref)),
      mode: 0o644,
    };
    const secrets = environmentFileText(spec.secrets);
    return secrets === "" ? [unit] : [unit, { path: spec.secretsFile, content: secrets, mode: 0o600 }];
  },

  async install(ref, machine) {
    await this.reload(ref, machine);
    await ask(ref, machine, "enable", ref.name);
    await this.restart(ref, machine);
  },

  async reload(ref, machine) {
    await ask(ref, machine, "daemon-reload");
  },

  async start(ref, machine) {
    await systemctl(ref.level, machine, "reset-failed", ref.name);
    await ask(ref, machine, "start", ref.name);
  },

  async stop(ref, machine, { disable }) {
    await ask(ref, machine, "stop", ref.name);
    if (disable) await ask(ref, machine, "disable", ref.name);
  },

  async restart(ref, machine) {
    await systemctl(ref.level, machine, "reset-failed", ref.name);
    await ask(ref, machine, "restart", ref.name);
  },

  async uninstall(ref, machine) {
    const { loaded } = await this.state(ref, machine);
    if (loaded) await ask(ref, machine, "disable", "--now", ref.name);
    return [ref.file];
  },

  async state({ level, name }, machine) {
    const properties =
      "LoadState,ActiveState,SubState,UnitFileState,MainPID,ExecMainCode,ExecMainStatus,Result";
    const { exitCode, output } = await systemctl(level, machine, "show", name, `--property=${properties}`);
    return exitCode === 0 ? readState(output) : { loaded: false, runtime: "unknown" };
  },

  words({ level, name }) {
    const user = level === "user" ? "--user " : "";
    const sudo = level === "user" ? "" : "sudo ";
    return {
      status: `systemctl ${user}status ${name}`,
      logs: `journalctl ${user}-u ${name} -n 50`,
      edit: `${sudo}systemctl ${user}edit ${name}`,
      disable: `${sudo}systemctl ${user}disable --now ${name}`,
    };
  },
});

function systemctl(level: ServiceLevel, machine: ServiceMachine, ...args: string[]) {
  return machine.run("systemctl", [...(level === "user" ? ["--user"] : []), ...args]);
}

async function ask(ref: ServiceRef, machine: ServiceMachine, ...args: string[]): Promise<void> {
  const { level } = ref;
  const command: [string, ...string[]] = ["systemctl", ...(level === "user" ? ["--user"] : []), ...args];
  const hint =
    level === "system" && machine.uid !== 0
      ? `sudo ${command.join(" ")}`
      : level === "user"
        ? `journalctl --user -u ${ref.name} -n 50`
        : `journalctl -u ${ref.name} -n 50`;
  await must(machine, command, hint);
}

/** The name of the guides, unless something else has it already: then enabling would fail. */
function aliasFor({ name, file }: ServiceRef): string | undefined {
  const alias = name.replace("openclaw-gateway", "openclaw");
  const path = join(dirname(file), alias);
  try {
    return lstatSync(path).isSymbolicLink() && basename(readlinkSync(path)) === name ? alias : undefined;
  } catch {
    return alias;
  }
}

/** Pure: the lines of `systemctl show`. */
export function readState(output: string): ServiceState {
  const value = Object.fromEntries(
    output.split("\n").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const { LoadState, ActiveState = "", SubState = "", UnitFileState = "", Result } = value;
  if (LoadState === "not-found") return { loaded: false, runtime: "stopped" };
  const pid = Number(value.MainPID);
  const status = Number(value.ExecMainStatus);
  const runtime = RUNTIMES[ActiveState] ?? "unknown";
  const ended = runtime !== "running" && value.ExecMainStatus !== undefined && value.ExecMainCode !== "0";
  const killed = value.ExecMainCode === "2" || value.ExecMainCode === "3";
  return {
    loaded: LoadState === "loaded",
    // Between two attempts systemd says "activating".
    runtime: SubState === "auto-restart" ? "failed" : runtime,
    ...(UnitFileState && { enabled: /^(enabled|linked)/.test(UnitFileState) }),
    ...(pid > 0 && { pid }),
    ...(ended && (killed ? { signal: signalName(status) } : { exitCode: status })),
    detail: [ActiveState, SubState, ...(Result && Result !== "success" ? [Result] : [])]
      .filter(Boolean)
      .join(", "),
  };
}

const RUNTIMES: Readonly<Record<string, ServiceState["runtime"]>> = {
  active: "running",
  reloading: "running",
  activating: "starting",
  deactivating: "running",
  inactive: "stopped",
  failed: "failed",
};

function signalName(number: number): string {
  const { signals } = process.getBuiltinModule("node:os").constants;
  return Object.entries(signals).find(([, each]) => each === number)?.[0] ?? `signal ${number}`;
}

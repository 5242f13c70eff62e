import { win32 } from "node:path";
import { must, type ServiceMachine } from "../machine.ts";
import { gatewayScript, taskXml } from "../schtasks-text.ts";
import { defineServiceManager, type ServiceRef, type ServiceState } from "../service-manager.ts";

/** The task scheduler of Windows; where it does not let us, the Startup folder of the account. */
export default defineServiceManager({
  id: "schtasks",
  platforms: ["win32"],

  ref(profile, level, machine) {
    const name = `OpenClaw Gateway${profile === "default" ? "" : ` (${profile})`}`;
    const { env } = machine;
    const folder = profile === "default" ? ".openclaw" : `.openclaw-${profile}`;
    return {
      manager: "schtasks",
      level,
      name,
      file: win32.join(env.stateDir ?? win32.join(env.home, folder), "service", "gateway.cmd"),
    };
  },

  async refusal(level, machine) {
    if (level === "system") return "a task of the machine is not something this command installs";
    const { exitCode, output } = await machine.run("schtasks", ["/Query", "/FO", "CSV", "/NH"]);
    if (exitCode === 0 || machine.env.get("APPDATA") !== undefined) return undefined;
    return output.split("\n")[0] || "schtasks does not answer";
  },

  files(spec) {
    const { ref } = spec;
    return [
      { path: ref.file, content: gatewayScript(spec), mode: 0o600 },
      // The task scheduler reads UTF-16 alone.
      {
        path: taskFile(ref),
        content: Buffer.from(`\ufeff${taskXml(spec, ref.file, spec.user ?? "")}`, "utf16le"),
        mode: 0o600,
      },
    ];
  },

  async install(ref, machine) {
    const made = await machine.run("schtasks", ["/Create", "/TN", ref.name, "/XML", taskFile(ref), "/F"]);
    if (made.exitCode !== 0) await installAtLogon(ref, machine);
    await this.start(ref, machine);
  },

  // The script is read anew with every start.
  async reload() {},

  async start(ref, machine) {
    if (await hasTask(ref, machine)) {
      // Harmless where it is enabled, and the way back from `stop --disable`.
      await ask(ref, machine, "/Change", "/TN", ref.name, "/ENABLE");
      await ask(ref, machine, "/Run", "/TN", ref.name);
    } else await startHidden(ref, machine);
  },

  async stop(ref, machine, { disable }) {
    if (!(await hasTask(ref, machine))) {
      if (disable)
        await must(machine, ["cmd", "/d", "/c", "del", "/q", startupFile(ref, machine)], wordsFix(ref));
      return;
    }
    if ((await this.state(ref, machine)).runtime === "running")
      await ask(ref, machine, "/End", "/TN", ref.name);
    if (disable) await ask(ref, machine, "/Change", "/TN", ref.name, "/DISABLE");
  },

  async restart(ref, machine) {
    await this.stop(ref, machine, { disable: false });
    await this.start(ref, machine);
  },

  async uninstall(ref, machine) {
    await this.stop(ref, machine, { disable: false });
    if (await hasTask(ref, machine)) await ask(ref, machine, "/Delete", "/TN", ref.name, "/F");
    return [ref.file, taskFile(ref), startupFile(ref, machine)];
  },

  async state(ref, machine) {
    const args = ["/Query", "/TN", ref.name, "/FO", "CSV", "/NH", "/V"];
    const { exitCode, output } = await machine.run("schtasks", args);
    if (exitCode === 0) return readState(output);
    const atLogon = machine.host.text(startupFile(ref, machine)) !== undefined;
    return atLogon
      ? { loaded: true, enabled: true, runtime: "unknown", detail: "started from the Startup folder" }
      : { loaded: false, runtime: "stopped" };
  },

  words: (ref) => ({
    status: `schtasks /Query /TN "${ref.name}" /V /FO LIST`,
    logs: "openclaw logs --tail 100",
    edit: `notepad "${ref.file}"`,
    disable: `schtasks /Change /TN "${ref.name}" /DISABLE`,
  }),
});

const taskFile = ({ file }: ServiceRef) => win32.join(win32.dirname(file), "task.xml");

function startupFile({ name }: ServiceRef, { env }: ServiceMachine): string {
  const roaming = env.get("APPDATA") ?? win32.join(env.home, "AppData", "Roaming");
  return win32.join(roaming, "Microsoft\\Windows\\Start Menu\\Programs\\Startup", `${name}.vbs`);
}

const wordsFix = ({ name }: ServiceRef) => `schtasks /Query /TN "${name}" /V /FO LIST`;

function ask(ref: ServiceRef, machine: ServiceMachine, ...args: string[]): Promise<string> {
  return must(machine, ["schtasks", ...args], wordsFix(ref));
}

async function hasTask({ name }: ServiceRef, machine: ServiceMachine): Promise<boolean> {
  return (await machine.run("schtasks", ["/Query", "/TN", name])).exitCode === 0;
}

/** The script of the Startup folder opens no window. */
async function installAtLogon(ref: ServiceRef, machine: ServiceMachine): Promise<void> {
  const { mkdirSync } = process.getBuiltinModule("node:fs");
  const { writeFileAtomic } = await import("../../files.ts");
  const file = startupFile(ref, machine);
  mkdirSync(win32.dirname(file), { recursive: true });
  const run = `cmd /d /c "${ref.file}"`.replaceAll('"', '""');
  writeFileAtomic(file, `CreateObject("WScript.Shell").Run "${run}", 0, False\r\n`, { mode: 0o600 });
}

async function startHidden(ref: ServiceRef, machine: ServiceMachine): Promise<void> {
  await must(machine, ["wscript", startupFile(ref, machine)], wordsFix(ref));
}

/** Pure. The words are those of the system's language, so only the figures are believed where they are not English. */
export function readState(csv: string): ServiceState {
  const fields = [...(csv.split(/\r?\n/).find(Boolean) ?? "").matchAll(/"((?:[^"]|"")*)"/g)].map(
    ([, text]) => text!,
  );
  const [, , , status = "", , , result = ""] = fields;
  const isRunning = status === "Running" || result === STILL_RUNNING;
  const ended = /^-?\d+$/.test(result) && !NOT_RUN.has(result) ? Number(result) : undefined;
  return {
    loaded: true,
    ...(status === "Disabled" ? { enabled: false } : { enabled: true }),
    runtime: isRunning ? "running" : ended !== undefined && ended !== 0 ? "failed" : "stopped",
    ...(!isRunning && ended !== undefined && { exitCode: ended }),
    ...(status && { detail: status }),
  };
}

/** SCHED_S_TASK_RUNNING, SCHED_S_TASK_HAS_NOT_RUN, and what is not run at all. */
const STILL_RUNNING = "267009";
const NOT_RUN = new Set(["267008", "267009", "267011"]);

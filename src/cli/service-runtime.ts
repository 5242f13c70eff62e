import type { Host } from "../platform/host.ts";
import type { InstalledService } from "../platform/service/installed.ts";

/** What the supervisor of a service says of it. */
export interface ServiceRuntime {
  active: boolean;
  /** In its own words: "active (running)". */
  state: string;
  pid?: number;
  /** How its last process ended, where that was not in good order. */
  exit?: string;
  /** Started with the machine or the account; undefined where that cannot be told. */
  enabled?: boolean;
}

const PROPERTIES = "ActiveState,SubState,MainPID,ExecMainCode,ExecMainStatus,UnitFileState";

/** Undefined where the supervisor does not answer. */
export async function askSupervisor(
  { manager, level, name }: InstalledService,
  host: Host,
  signal: AbortSignal,
): Promise<ServiceRuntime | undefined> {
  const user = level === "user";
  if (manager === "systemd") {
    const words = [...(user ? ["--user"] : []), "show", name, `--property=${PROPERTIES}`];
    return parseSystemctl((await host.run("systemctl", words, signal)) ?? "");
  }
  const domain = user ? `gui/${process.getuid?.()}` : "system";
  return parseLaunchctl((await host.run("launchctl", ["print", `${domain}/${name}`], signal)) ?? "");
}

/** Pure. `ActiveState=active` and so on, one a line. */
export function parseSystemctl(text: string): ServiceRuntime | undefined {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
  const active = value("ActiveState");
  if (active === "") return undefined;
  const pid = Number(value("MainPID"));
  const exit = exitOf(value("ExecMainCode"), Number(value("ExecMainStatus")));
  const file = value("UnitFileState");
  return {
    active: active === "active" || active === "reloading",
    state: `${active} (${value("SubState") || "unknown"})`,
    ...(pid > 0 && { pid }),
    ...(exit !== undefined && { exit }),
    ...(file !== "" && { enabled: file.startsWith("enabled") }),
  };
}

/** CLD_EXITED, CLD_KILLED and CLD_DUMPED, by their numbers. */
function exitOf(code: string, status: number): string | undefined {
  if (code === "1" && status > 0) return `exit status ${status}`;
  return code === "2" || code === "3" ? `killed by signal ${status}` : undefined;
}

/** Pure. `launchctl print gui/501/ai.openclaw.gateway`. */
export function parseLaunchctl(text: string): ServiceRuntime | undefined {
  const value = (name: string) => new RegExp(`^\\s*${name} = (.*)$`, "m").exec(text)?.[1];
  const state = value("state");
  if (state === undefined) return undefined;
  const pid = Number(value("pid"));
  const status = Number(value("last exit code"));
  return {
    active: state === "running",
    state,
    ...(pid > 0 && { pid }),
    ...(status > 0 && { exit: `exit status ${status}` }),
  };
}

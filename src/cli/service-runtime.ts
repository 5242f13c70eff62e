import type { Host } from "../platform/host.ts";
import type { InstalledService } from "../platform/service/installed.ts";

/** What the supervisor says about a service right now. */
export interface ServiceState {
  /** The supervisor knows it. */
  loaded: boolean;
  /** It starts by itself; undefined where the supervisor does not say. */
  enabled?: boolean;
  runtime: "running" | "starting" | "stopped" | "failed" | "unknown";
  pid?: number;
  /** Of its last run, where that has ended. */
  exitCode?: number;
  signal?: string;
  /** In the supervisor's own words, one line. */
  detail?: string;
}

const PROPERTIES = "LoadState,ActiveState,SubState,MainPID,ExecMainCode,ExecMainStatus,UnitFileState";

/** `unknown` where the supervisor does not answer. */
export async function askSupervisor(
  { manager, level, name }: InstalledService,
  host: Host,
  signal: AbortSignal,
): Promise<ServiceState> {
  const user = level === "user";
  if (manager === "systemd") {
    const words = [...(user ? ["--user"] : []), "show", name, `--property=${PROPERTIES}`];
    return parseSystemctl((await host.run("systemctl", words, signal)) ?? "");
  }
  const domain = user ? `gui/${process.getuid?.()}` : "system";
  return parseLaunchctl((await host.run("launchctl", ["print", `${domain}/${name}`], signal)) ?? "");
}

const RUNTIMES: Readonly<Record<string, ServiceState["runtime"]>> = {
  active: "running",
  reloading: "running",
  activating: "starting",
  deactivating: "running",
  inactive: "stopped",
  failed: "failed",
};

/** Pure. `ActiveState=active` and so on, one a line. */
export function parseSystemctl(text: string): ServiceState {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
  const runtime = RUNTIMES[value("ActiveState")] ?? "unknown";
  const pid = Number(value("MainPID"));
  const file = value("UnitFileState");
  const detail = [value("ActiveState"), value("SubState")].filter((word) => word !== "").join(", ");
  return {
    loaded: value("LoadState") === "loaded",
    // Between two attempts systemd says "activating".
    runtime: value("SubState") === "auto-restart" ? "failed" : runtime,
    ...(file !== "" && { enabled: /^(enabled|linked)/.test(file) }),
    ...(pid > 0 && { pid }),
    ...(runtime !== "running" && endOf(value("ExecMainCode"), Number(value("ExecMainStatus")))),
    ...(detail !== "" && { detail }),
  };
}

/** CLD_EXITED, CLD_KILLED and CLD_DUMPED, by their numbers. */
function endOf(code: string, status: number): Pick<ServiceState, "exitCode" | "signal"> {
  if (code === "1") return { exitCode: status };
  return code === "2" || code === "3" ? { signal: `signal ${status}` } : {};
}

/** Pure. `launchctl print gui/501/ai.openclaw.gateway`. */
export function parseLaunchctl(text: string): ServiceState {
  const value = (name: string) => new RegExp(`^\\s*${name} = (.*)$`, "m").exec(text)?.[1];
  const state = value("state");
  if (state === undefined) return { loaded: false, runtime: "unknown" };
  const pid = Number(value("pid"));
  const status = value("last exit code");
  const running = state === "running";
  return {
    loaded: true,
    runtime: running ? "running" : "stopped",
    ...(pid > 0 && { pid }),
    ...(!running && status !== undefined && /^\d+$/.test(status) && { exitCode: Number(status) }),
    detail: state,
  };
}

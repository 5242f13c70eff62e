import type { Capability } from "./capability.ts";
import type { GatewayProbe } from "./gateway-probe.ts";
import { stateText } from "./service-state-text.ts";
import type { Problem } from "./status-payload.ts";

/** Whether a gateway runs, by its state folder, else by its supervisor, else because something answers. */
export interface Runtime {
  status: "running" | "stopped";
  pid?: number;
  /** How that is known: "foreground", "systemd user service openclaw-gateway.service", … */
  by: string;
  /** What is odd about it. */
  note?: string;
}

export interface Rpc {
  ok: boolean;
  capability: Capability;
  version?: string;
  /** Outcome of a call that needs operator.read; only where one was asked for. */
  read?: { ok: boolean; error?: string };
  problem?: Problem & { kind: string };
}

export function rpcOf(probe: GatewayProbe, read: boolean): Rpc {
  const { hello, capability, trouble, problem, failed } = probe;
  if (!hello) return { ok: false, capability, problem: { ...problem!, kind: trouble!.kind } };
  const [first] = failed;
  return {
    ok: true,
    capability,
    version: hello.server.version,
    ...(read && { read: first ? { ok: false, error: first.reason } : { ok: true } }),
  };
}

export function runtimeOf({
  process,
  services,
  target,
  hello,
  trouble,
}: Pick<GatewayProbe, "process"> &
  Partial<Pick<GatewayProbe, "services" | "target" | "hello" | "trouble">>): Runtime {
  const service = services?.ours;
  const by = service && `${service.manager} ${service.level} service ${service.name}`;
  const { state } = service ?? {};
  const active = state?.runtime === "running" || state?.runtime === "starting";
  const { found, pid, paused } = process;
  if (found.kind !== "none") {
    const isService = active && pid !== undefined && pid === state?.pid;
    return {
      status: "running",
      by: isService ? by! : "foreground",
      ...(pid !== undefined && { pid }),
      ...(paused && { note: "stopped by a signal, answers nothing" }),
    };
  }
  const answers = hello !== undefined || (trouble !== undefined && !SILENT.has(trouble.kind));
  if (active)
    return {
      status: "running",
      by: by!,
      ...(state?.pid !== undefined && { pid: state.pid }),
      note: `${stateText(state!)}; nobody holds the state folder of this command`,
    };
  if (answers) return { status: "running", by: target?.local ? "not from this state folder" : "elsewhere" };
  const known = state && state.runtime !== "unknown" ? [stateText(state)] : [];
  return { status: "stopped", by: by === undefined ? "" : [by, ...known].join(", ") };
}

/** Trouble in which no gateway has said a word. */
const SILENT: ReadonlySet<string> = new Set(["refused", "no-gateway", "not-found", "timeout", "failed"]);

/** A gateway talked to us, if only to refuse. */
export function hasAnswered({ ok, problem }: Partial<Rpc>): boolean {
  return ok === true || (problem !== undefined && !SILENT.has(problem.kind));
}

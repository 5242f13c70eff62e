import type { Probe } from "./gateway-probe.ts";
import type { Paint } from "./io.ts";
import type { Problem } from "./status-payload.ts";

/** What `openclaw gateway status --json` prints. Parts that need a readable config are missing without one. */
export interface GatewayReport {
  cli: { version: string; configPath: string };
  logFile: string;
  service: { runtime: { status: "running" | "stopped"; pid?: number } };
  config: { path: string; valid: boolean; exists?: boolean; mode?: string | undefined; problem?: Problem };
  gateway?: { url: string; dashboard: string };
  port?: { host: string; port: number; holder?: { pid: number; command: string } };
  rpc: { required: boolean } & Partial<Probe>;
}

export function gatewayReportLines(report: GatewayReport, paint: Paint): { out: string[]; notes: string[] } {
  const { config, gateway, rpc, logFile } = report;
  const out = [
    `Runtime: ${runtime(report, paint)}`,
    ...probeLines(report, paint),
    `Capability: ${rpc.capability ?? "unknown"}`,
    `Listening: ${listening(report)}`,
    ...(gateway ? [`Dashboard: ${gateway.dashboard}`] : []),
    `Config (cli): ${config.path}${config.valid ? (config.exists ? "" : " (not there yet)") : " (broken)"}`,
    `Log file: ${logFile}`,
  ];
  const notes = [...problemNotes(config.problem), ...(rpc.problem?.fix ? [`fix: ${rpc.problem.fix}`] : [])];
  if (config.exists && config.mode === undefined) {
    notes.push(
      "notice: gateway.mode is unset — gateway start will be blocked: openclaw config set gateway.mode local",
    );
  }
  const { version } = rpc;
  if (version !== undefined && version !== report.cli.version) {
    notes.push(`notice: the gateway is version ${version}, this command ${report.cli.version}`);
  }
  return { out, notes };
}

function runtime({ service, rpc }: GatewayReport, { green, red }: Paint): string {
  const { status, pid } = service.runtime;
  if (status === "stopped") return answers(rpc) ? `${green("running")} (elsewhere)` : red("stopped");
  return `${green("running")} (${pid === undefined ? "not from this state folder" : `foreground, pid ${pid}`})`;
}

function probeLines({ rpc, gateway, port }: GatewayReport, { green, red }: Paint): string[] {
  if (rpc.ok === undefined) return ["Connectivity probe: skipped"];
  if (!rpc.ok) {
    const { kind, what, why } = rpc.problem!;
    const reason = kind === "refused" ? `connect ECONNREFUSED ${port!.host}:${port!.port}` : what;
    const more = why && kind !== "refused" ? [`  ${why}`] : [];
    return [`Connectivity probe: ${red("failed")}`, `  Target: ${gateway!.url}`, `  ${reason}`, ...more];
  }
  const lines = [`Connectivity probe: ${green("ok")}`];
  if (rpc.read)
    lines.push(`Read probe: ${rpc.read.ok ? green("ok") : `${red("failed")} (${rpc.read.error})`}`);
  return lines;
}

function listening({ port, rpc, service }: GatewayReport): string {
  if (!port) return "unknown";
  const address = `${port.host}:${port.port}`;
  const kind = rpc.problem?.kind;
  if (kind === "refused") return `nothing on ${address}`;
  if (kind === "no-gateway") {
    const { holder } = port;
    return `another program on ${address}${holder ? ` (pid ${holder.pid}: ${holder.command.slice(0, 80)})` : ""}`;
  }
  return answers(rpc) || service.runtime.status === "running" ? address : `unknown on ${address}`;
}

const SILENT: ReadonlySet<string> = new Set(["refused", "no-gateway", "not-found", "timeout", "failed"]);

/** A gateway talked to us, if only to refuse. */
export function answers({ ok, problem }: Partial<Probe>): boolean {
  return ok === true || (problem !== undefined && !SILENT.has(problem.kind));
}

function problemNotes(problem: Problem | undefined): string[] {
  if (!problem) return [];
  const { what, why, fix } = problem;
  return [what, ...(why ? [`  ${why}`] : []), ...(fix ? [`  fix: ${fix}`] : [])];
}

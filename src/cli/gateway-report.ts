import { capabilityText } from "./capability.ts";
import type { Facets } from "./gateway-probe-facet.ts";
import { facetLines } from "./gateway-probe-lines.ts";
import type { OtherService, ServiceDrift, ServiceView } from "./gateway-probe-service.ts";
import { hasAnswered, type Rpc, type Runtime } from "./gateway-report-parts.ts";
import { driftLines, otherServiceLines } from "./gateway-service-lines.ts";
import type { Paint } from "./io.ts";
import { stateText } from "./service-state-text.ts";
import type { Problem } from "./status-payload.ts";

/** What `openclaw gateway status --json` prints. Parts that need a readable config are missing without one. */
export interface GatewayReport {
  cli: { version: string; configPath: string };
  logFile: string;
  deep: boolean;
  service: { runtime: Runtime; installed?: ServiceView; drift?: ServiceDrift[]; others?: OtherService[] };
  config: {
    path: string;
    valid: boolean;
    exists?: boolean;
    mode?: string | undefined;
    problem?: Problem;
    /** Which one the service uses. */
    service?: string;
    mismatch?: boolean;
  };
  gateway?: { url: string; dashboard: string };
  port?: { host: string; port: number; holder?: { pid: number; command: string } };
  rpc: { required: boolean } & Partial<Rpc>;
  facets?: Facets;
}

export function gatewayReportLines(report: GatewayReport, paint: Paint): { out: string[]; notes: string[] } {
  const { config, gateway, rpc, logFile, service, deep, facets } = report;
  const out = [
    `Runtime: ${runtimeText(service.runtime, paint)}`,
    ...probeLines(report, paint),
    `Capability: ${capabilityText(rpc.capability ?? "unknown")}`,
    `Listening: ${listening(report)}`,
    ...(gateway ? [`Dashboard: ${gateway.dashboard}`] : []),
    `Config (cli): ${config.path}${config.valid ? (config.exists ? "" : " (not there yet)") : " (broken)"}`,
    `Config (service): ${serviceConfig(report, paint)}`,
    ...(service.installed ? [`Service: ${serviceText(service.installed)}`] : []),
    `Log file: ${logFile}`,
    ...driftLines(service.drift ?? [], paint),
    ...(deep && facets ? ["", ...facetLines(facets, paint)] : []),
    ...(deep ? otherServiceLines(service.others ?? [], paint) : []),
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

function runtimeText({ status, by, pid, note }: Runtime, { green, red }: Paint): string {
  const how = [by, pid === undefined ? "" : `pid ${pid}`, note ?? ""].filter((word) => word !== "");
  const text = status === "running" ? green("running") : red("stopped");
  return how.length === 0 ? text : `${text} (${how.join(", ")})`;
}

function probeLines({ rpc, gateway, port, service }: GatewayReport, { green, red }: Paint): string[] {
  if (rpc.ok === undefined) return ["Connectivity probe: skipped"];
  if (!rpc.ok) {
    const { kind, what, why } = rpc.problem!;
    const reason = kind === "refused" ? `connect ECONNREFUSED ${port!.host}:${port!.port}` : what;
    const isPlain = kind === "refused" && service.runtime.pid === undefined;
    const more = why && !isPlain ? [`  ${why}`] : [];
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
  const { holder } = port;
  const isOther = holder !== undefined && holder.pid !== service.runtime.pid && !hasAnswered(rpc);
  if (kind === "no-gateway" || isOther)
    return `another program on ${address}${holder ? ` (pid ${holder.pid}: ${holder.command.slice(0, 80)})` : ""}`;
  return hasAnswered(rpc) || service.runtime.status === "running" ? address : `unknown on ${address}`;
}

function serviceConfig({ service, config }: GatewayReport, { yellow }: Paint): string {
  if (!service.installed) return "no service is installed";
  if (config.service === undefined) return "cannot be told from the service";
  return config.mismatch ? `${yellow(config.service)} (not that of this command)` : config.service;
}

function serviceText({ manager, level, name, file, state }: ServiceView): string {
  const { runtime, enabled } = state;
  const words = runtime === "unknown" ? `${manager} does not answer` : stateText(state);
  const later = enabled === false ? ", does not start by itself" : "";
  return `${name} (${manager}, ${level}): ${words}${later}; ${file}`;
}

function problemNotes(problem: Problem | undefined): string[] {
  if (!problem) return [];
  const { what, why, fix } = problem;
  return [what, ...(why ? [`  ${why}`] : []), ...(fix ? [`  fix: ${fix}`] : [])];
}

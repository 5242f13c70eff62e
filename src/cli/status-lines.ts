import { printable } from "../platform/printable.ts";
import { stateText } from "./channels/state-text.ts";
import { formatAge, formatUptime } from "./duration.ts";
import { facetLines } from "./gateway-probe-lines.ts";
import { otherServiceLines } from "./gateway-service-lines.ts";
import type { Paint } from "./io.ts";
import { modelName } from "./model-name.ts";
import type { RunningStatus, StatusReport } from "./status-payload.ts";
import { surroundingsLines } from "./status-surroundings-lines.ts";

/** The four lines older guides show, in their order (behaviour.md R15), and what else is worth a look. */
export function statusLines(status: StatusReport, paint: Paint, far: boolean): string[] {
  const rows = status.connected ? connectedRows(status, paint) : downRows(status, paint);
  return [...rows, ...(far ? farLines(status, paint) : [])];
}

type Down = Extract<StatusReport, { connected: false }>;
type Connected = Extract<StatusReport, { connected: true }>;
type Row = readonly [name: string, value: string];

function downRows(status: Down, { red }: Paint): string[] {
  return [
    line(["Gateway", red("not connected")]),
    `gateway: ${status.state}`,
    ...lastExit(status).map(line),
    ...[["Port", String(status.port)] as const, ...place(status)].map(line),
    ...[["Config", status.configPath] as const, ["Logs", status.logsDir] as const].map(line),
  ];
}

function connectedRows(status: Connected, paint: Paint): string[] {
  const { version, uptimeMs, devices, running } = status;
  const rows: Row[] = [
    ["Gateway", paint.green(`connected (v${version})`)],
    ["Uptime", formatUptime(uptimeMs)],
    ...(running.safeMode ? [["Mode", printable(running.safeMode.text)] as const] : []),
    ["Port", String(status.port)],
    ["Devices", devices ? `${devices.paired} paired${waiting(running)}` : "not told"],
    ...(running.tls ? [["TLS", running.tls.fingerprint] as const] : []),
    ...lastExit(running),
    ...place(status),
    ...activity(running),
    ...channelRows(running, paint),
    ["Config", `${running.configPath ?? status.configPath}${configNote(running)}`],
    ["Logs", running.logFile ?? status.logsDir],
    ...problems(running, paint),
  ];
  return rows.map(line);
}

/** What --deep and --all show below. */
function farLines({ facets, services, surroundings }: StatusReport, paint: Paint): string[] {
  return [
    "",
    paint.bold("Probe"),
    ...facetLines(facets, paint),
    ...otherServiceLines(services?.others ?? [], paint),
    ...(surroundings ? surroundingsLines(surroundings, paint) : []),
  ];
}

function place({ local, url }: StatusReport): Row[] {
  return local ? [] : [["Address", url]];
}

/** Silence means that the file is in force as it stands. */
function configNote({ configReload }: RunningStatus): string {
  const { state, issues = [], restartNeeded = [], kept = [] } = configReload ?? {};
  switch (state) {
    case "invalid":
      return `\n  not in force, the last good version is served: ${issues.join("; ")}\n  fix: openclaw config validate`;
    case "partial":
      return `\n  partly in force: ${kept.join("; ")}`;
    case "restart-needed":
      return `\n  counts from the next start: ${restartNeeded.join(", ")}`;
    default:
      return "";
  }
}

function waiting({ devices }: RunningStatus): string {
  return devices?.pending ? `, ${devices.pending} waiting: openclaw devices list` : "";
}

/** Silence means that its own checks have found nothing. */
function problems({ findings = [] }: RunningStatus, { red, yellow }: Paint): Row[] {
  return findings.map(({ severity, title, id, fix }, at) => {
    const text = `${severity === "error" ? red(title) : yellow(title)} [${id}]\n  fix: ${fix}`;
    return [at === 0 ? "Problems" : "", text];
  });
}

function line([name, value]: Row): string {
  return `${(name === "" ? "" : `${name}:`).padEnd(11)} ${value}`;
}

function lastExit({ lastExit: exit }: { lastExit?: { pid: number; text: string } }): Row[] {
  return exit ? [["Last exit", printable(`pid ${exit.pid} ${exit.text}`)]] : [];
}

/** One line an account: how it stands and by what proof, and the command that helps where it does not. */
function channelRows({ channels }: RunningStatus, { green, yellow, dim }: Paint): Row[] {
  return (channels?.accounts ?? []).map((account, at) => {
    const { label, accountId, enabled, state, fix, outbox } = account;
    const text = enabled ? stateText(account, Date.now()) : "disabled";
    const shown = state === "live" ? green(text) : enabled ? yellow(text) : dim(text);
    const dead = outbox?.failed ? `, ${outbox.failed} undelivered: openclaw outbox list` : "";
    const help = enabled && state !== "live" && fix !== undefined ? `\n  fix: ${fix}` : "";
    return [at === 0 ? "Channels" : "", `${label} ${accountId}: ${shown}${dead}${help}`];
  });
}

function activity({ model, modelProblem, sessions, openTurns }: RunningStatus): Row[] {
  const rows: Row[] = [];
  if (modelProblem !== undefined) rows.push(["Model", `none usable: ${modelProblem}`]);
  if (model) rows.push(["Model", modelName(model)]);
  if (sessions) {
    const age = sessions.recent?.[0]?.age;
    const last = age === undefined ? "" : `, last active ${formatAge(age)}`;
    rows.push(["Sessions", `${sessions.count}${last}`]);
  }
  if (openTurns) rows.push(["Working", `on ${openTurns} ${openTurns === 1 ? "message" : "messages"}`]);
  return rows;
}

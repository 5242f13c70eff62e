import { printable } from "../platform/printable.ts";
import { formatAge } from "./duration.ts";
import { placeLines } from "./gateway-discover-lines.ts";
import type { Paint } from "./io.ts";
import { logEntry } from "./log-entry.ts";
import type { Surroundings } from "./status-surroundings.ts";

export function surroundingsLines(
  { machine, gateways, boots, complaints }: Surroundings,
  paint: Paint,
): string[] {
  const { bold } = paint;
  const now = Date.now();
  const started = boots.map(
    ({ pid, version, startedAtMs, end }) =>
      `  ${formatAge(now - startedAtMs)}: pid ${pid}, v${version}${end === undefined ? "" : `, ${end}`}`,
  );
  const complained = complaints.map((line) => `  ${logEntry(line, paint)}`);
  return [
    "",
    bold("Machine"),
    `  ${machine.system}, Node ${machine.node}, OpenClaw ${machine.openclaw}`,
    "",
    bold("Gateways this machine knows of"),
    ...placeLines(gateways, paint),
    "",
    bold("Last starts"),
    ...(started.length > 0 ? started.map(printable) : ["  none"]),
    "",
    bold("Last warnings and errors in the log"),
    ...(complained.length > 0 ? complained : ["  none"]),
  ];
}

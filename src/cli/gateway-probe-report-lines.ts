import { printable } from "../platform/printable.ts";
import { capabilityText } from "./capability.ts";
import type { ProbedTarget, ProbeReport } from "./gateway-probe-payload.ts";
import type { Paint } from "./io.ts";

export function probeReportLines(report: ProbeReport, paint: Paint): string[] {
  const { ok, degraded, capability, primaryTargetId, targets, warnings } = report;
  const { green, red, yellow } = paint;
  const reachable = ok
    ? `${degraded ? yellow("yes, degraded") : green("yes")} (${primaryTargetId})`
    : red("no");
  return [
    `Reachable: ${reachable}`,
    `Capability: ${capabilityText(capability)}`,
    ...targets.flatMap((target) => ["", ...targetLines(target, paint)]),
    ...(warnings.length > 0 ? [""] : []),
    ...warnings.flatMap(({ code, message, detail, fix }) => [
      yellow(`${message} [${code}]`),
      ...(detail === undefined ? [] : [`  ${printable(detail)}`]),
      `  fix: ${fix}`,
    ]),
  ];
}

function targetLines(target: ProbedTarget, { bold, green, red }: Paint): string[] {
  const { id, url, active, via, connect, auth, self, problem } = target;
  const how = [via, active && id !== "explicit" && "the one commands use"].filter(Boolean).join(", ");
  const head = `${bold(id)}  ${url}${how === "" ? "" : ` (${how})`}`;
  if (problem) {
    const { what, why, fix } = problem;
    return [
      head,
      `  Connect: ${red("failed")} — ${printable(what)}`,
      ...(why ? [`    ${printable(why)}`] : []),
      ...(fix ? [`    fix: ${fix}`] : []),
      `  Capability: ${capabilityText(auth.capability)}`,
    ];
  }
  return [
    head,
    `  Connect: ${green("ok")} (${connect.latencyMs} ms, v${printable(self?.version ?? "?")})`,
    `  Capability: ${capabilityText(auth.capability)}`,
    `  Read probe: ${readProbe(target, { green, red })}`,
  ];
}

function readProbe({ connect, failed }: ProbedTarget, { green, red }: Pick<Paint, "green" | "red">): string {
  if (connect.rpcOk) return green("ok");
  if (connect.scopeLimited) return "limited - missing scope: operator.read";
  return `${red("failed")} (${failed.map(({ method }) => method).join(", ")})`;
}

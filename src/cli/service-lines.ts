import type { DescribedService, DescribedServices } from "../platform/service/describe.ts";
import { managerOf } from "../platform/service/own-service.ts";
import type { ServiceState } from "../platform/service/service-manager.ts";

export interface ServiceReport extends DescribedServices {
  /** Of this command. */
  configPath: string;
}

/** `out`: what is there. `notes`: what does not fit, and the way out. Pure. */
export function serviceLines(report: ServiceReport): { out: string[]; notes: string[] } {
  const own = report.services.find((each) => each.own);
  const others = report.services.filter((each) => !each.own);
  const out = own ? ownLines(own, report) : noneLines(report);
  if (others.length > 0)
    out.push("", "Other gateway-like services detected (best effort):", ...others.map(otherLine));
  const notes = own ? own.problems.map((problem) => `problem: ${problem}`) : [];
  if (notes.length > 0) notes.push("  fix: openclaw doctor --fix");
  return { out, notes };
}

function ownLines(
  { service, command, state, port, node, version }: DescribedService,
  report: ServiceReport,
): string[] {
  const its = report.services.find((each) => each.own)!;
  const words = managerOf(service).words(service);
  return table([
    ["Service", `${service.name} (${service.manager}, ${service.level})`],
    ["Runtime", runtimeText(state)],
    ["Starts by itself", state.enabled === undefined ? "unknown" : state.enabled ? "yes" : "no"],
    ["Definition", service.file],
    ...service.additions.map((file): [string, string] => ["Addition", file]),
    ["Command", command],
    ["Node", node],
    ["Port", port === undefined ? "as the config says" : String(port)],
    ["Config (cli)", report.configPath],
    ["Config (service)", its.configPath],
    ["State folder", its.stateDir],
    ["Written by", version === undefined ? "hand" : `version ${version}`],
    ["Details", words.status],
    ["Log", words.logs],
  ]);
}

function noneLines({ manager }: ServiceReport): string[] {
  const why = manager?.refusal ?? "this system has no supervisor that is known here";
  const possible = manager && manager.refusal === undefined;
  return [
    "Gateway service: not installed",
    possible ? "Install it: openclaw gateway install" : `No supported service manager detected: ${why}`,
  ];
}

function otherLine({ service, command, state }: DescribedService): string {
  return `  ${service.file} (${runtimeText(state)}): ${command}`;
}

/** "running (pid 12)", "stopped (exit code 1)". */
export function runtimeText({ runtime, pid, exitCode, signal, detail }: ServiceState): string {
  const facts = [
    ...(pid === undefined ? [] : [`pid ${pid}`]),
    ...(signal === undefined ? [] : [`ended by ${signal}`]),
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    ...(detail === undefined || runtime === "running" ? [] : [detail]),
  ];
  const word = runtime === "failed" ? "stopped" : runtime;
  return facts.length === 0 ? word : `${word} (${facts.join("; ")})`;
}

/** One blank: people and scripts look for `Runtime: running`. */
function table(rows: readonly [string, string | undefined][]): string[] {
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
}

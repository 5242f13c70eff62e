import type { OtherService, ServiceDrift } from "./gateway-probe-service.ts";
import type { Paint } from "./io.ts";

/** Definitions that are not those of this profile, and how to be rid of them. */
export function otherServiceLines(others: readonly OtherService[], { yellow }: Paint): string[] {
  if (others.length === 0) return [];
  return [
    yellow("Other gateway-like services detected (best effort)"),
    ...others.flatMap(({ file, command, disable }) => [`  ${file}: ${command}`, `    fix: ${disable}`]),
  ];
}

/** Where the service was given something else than commands use. */
export function driftLines(drift: readonly ServiceDrift[], { yellow }: Paint): string[] {
  return drift.flatMap(({ id, title, evidence, fix }) => [
    yellow(`${title} [${id}]`),
    ...evidence.map((line) => `  ${line}`),
    `  fix: ${fix}`,
  ]);
}

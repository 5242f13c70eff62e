import type { OptionSpec } from "./command.ts";
import { parseDuration } from "./duration.ts";

/** The parser's own description of one option. Required ones are checked afterwards, with a better message. */
export function optionFlag(spec: OptionSpec): Record<string, unknown> {
  const brief = spec.summary;
  switch (spec.type) {
    case "boolean":
      return { kind: "boolean", brief, default: false, withNegated: false };
    case "choice":
      return { kind: "enum", brief, values: spec.values, optional: true };
    case "string":
      return { kind: "parsed", brief, parse: String, optional: true };
    case "number":
      return parsed(brief, (text) => wholeNumber(text, spec.min, spec.max), spec.default?.toString());
    case "duration":
      return parsed(
        brief,
        (text) => duration(text, spec.bareUnit),
        spec.default === undefined ? undefined : `${spec.default}ms`,
      );
  }
}

function parsed(brief: string, parse: (text: string) => number, fallback: string | undefined) {
  return { kind: "parsed", brief, parse, ...(fallback ? { default: fallback } : { optional: true }) };
}

function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new Error(`expected a whole number from ${min} to ${max}`);
}

function duration(text: string, bareUnit: "ms" | "s"): number {
  const ms = parseDuration(text, bareUnit);
  if (ms !== undefined) return ms;
  throw new Error("expected a duration such as 500ms, 2s or 5m");
}

import { isRecord } from "../protocol/frames.ts";
import { UsageError } from "./usage.ts";

export interface LogFilterInput {
  level: string | undefined;
  since: string | undefined;
  until: string | undefined;
  grep: string | undefined;
  subsystem: string | undefined;
}

export interface LogFilter {
  /** Something is left out. */
  active: boolean;
  /** Epoch ms of the oldest line that is wanted. */
  sinceMs: number | undefined;
  shows(line: string): boolean;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** Which lines of the log are wanted. Throws `UsageError` for a time or pattern that is not understood. */
export function logFilter(input: LogFilterInput, nowMs: number): LogFilter {
  const { level, subsystem } = input;
  const sinceMs = input.since === undefined ? undefined : momentOf(input.since, "since", nowMs);
  const untilMs = input.until === undefined ? undefined : momentOf(input.until, "until", nowMs);
  const pattern = input.grep === undefined ? undefined : patternOf(input.grep);
  const least = level === undefined ? 0 : rank(level);
  const parts = subsystem?.split(",").map((part) => part.trim());
  const byField = least > 0 || subsystem !== undefined || sinceMs !== undefined || untilMs !== undefined;
  return {
    active: byField || pattern !== undefined,
    sinceMs,
    shows(line) {
      if (pattern && !pattern.test(line)) return false;
      if (!byField) return true;
      const { level: own, subsystem: from, atMs } = factsOf(line);
      if (own < least) return false;
      if (parts && !parts.includes(from)) return false;
      return !(atMs < (sinceMs ?? atMs)) && !(atMs > (untilMs ?? atMs));
    },
  };
}

/** When a line was written; NaN where it does not say. */
export function timeOf(line: string): number {
  return factsOf(line).atMs;
}

function factsOf(line: string): { level: number; subsystem: string; atMs: number } {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    // Not a line of ours: it says nothing that could rule it out.
  }
  if (!isRecord(record)) return { level: Number.POSITIVE_INFINITY, subsystem: "", atMs: Number.NaN };
  const { level, subsystem, time } = record;
  return {
    level: rank(String(level)),
    subsystem: String(subsystem ?? "gateway"),
    atMs: typeof time === "string" ? Date.parse(time) : Number.NaN,
  };
}

/** Other programs have more words; the unknown ones are shown. */
function rank(level: string): number {
  const known = LOG_LEVELS.indexOf(level as (typeof LOG_LEVELS)[number]);
  if (known !== -1) return known;
  return level === "trace" ? 0 : Number.POSITIVE_INFINITY;
}

const MS_PER = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

function momentOf(text: string, option: string, nowMs: number): number {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d+)?)([smhdw])(?: ago)?$/.exec(text.trim()) ?? [];
  if (amount !== undefined) return nowMs - Number(amount) * MS_PER[unit as keyof typeof MS_PER];
  // A date alone means local midnight, as does a time without a zone.
  if (!/^\d{4}-\d\d-\d\d/.test(text)) throw wrongTime(text, option);
  const at = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text.replace(" ", "T"));
  if (!Number.isNaN(at)) return at;
  throw wrongTime(text, option);
}

function wrongTime(text: string, option: string): UsageError {
  return new UsageError(
    `bad value "${text}" for --${option}: expected 10m, 2h, 1d, or a time such as 2026-11-20 18:15`,
    ["logs"],
  );
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, "i");
  } catch (error) {
    throw new UsageError(`bad value for --grep: ${(error as Error).message}`, ["logs"]);
  }
}

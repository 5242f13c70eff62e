import type { Clock } from "../platform/clock.ts";

export interface AttemptRules {
  maxAttempts: number;
  windowMs: number;
  lockoutMs: number;
}

export const DEFAULT_ATTEMPT_RULES: AttemptRules = { maxAttempts: 10, windowMs: 60_000, lockoutMs: 300_000 };

/** Oldest keys give way beyond this: a flood of invented sources must not grow memory (DOS-22). */
const MAX_KEYS = 10_000;

interface Record {
  failures: number;
  windowEndsAt: number;
  lockedUntil: number;
}

/**
 * Failed-credential limiter (protocol.md §4.5), keyed by source. Only wrong credentials count, missing ones
 * do not. Times are monotonic: setting the clock neither locks anybody out nor lets anybody in.
 */
export interface Attempts {
  /** Milliseconds until the source may try again; 0 when it may now. Asked before comparing anything. */
  retryAfterMs(source: string): number;
  failed(source: string): void;
  succeeded(source: string): void;
}

export function trackAttempts(rules: AttemptRules, clock: Clock): Attempts {
  const records = new Map<string, Record>();
  return {
    retryAfterMs(source) {
      const record = records.get(source);
      return record ? Math.max(0, record.lockedUntil - clock.monotonic()) : 0;
    },
    failed(source) {
      const now = clock.monotonic();
      let record = records.get(source);
      if (!record || now >= record.windowEndsAt) {
        record = { failures: 0, windowEndsAt: now + rules.windowMs, lockedUntil: 0 };
        records.delete(source);
        records.set(source, record);
        if (records.size > MAX_KEYS) records.delete(records.keys().next().value!);
      }
      record.failures++;
      if (record.failures >= rules.maxAttempts) {
        record.lockedUntil = now + rules.lockoutMs;
        record.windowEndsAt = record.lockedUntil;
      }
    },
    succeeded(source) {
      records.delete(source);
    },
  };
}

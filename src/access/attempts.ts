import type { Clock } from "../platform/clock.ts";

export interface AttemptRules {
  maxAttempts: number;
  windowMs: number;
  lockoutMs: number;
  /** This machine is slowed down instead of locked out. */
  exemptLoopback: boolean;
}

export const DEFAULT_ATTEMPT_RULES: AttemptRules = {
  maxAttempts: 10,
  windowMs: 60_000,
  lockoutMs: 300_000,
  exemptLoopback: true,
};

/** Each is counted for itself: while guesses at the shared secret are locked out, a paired device still gets in. */
export type CredentialClass = "shared-secret" | "device-token" | "bootstrap-token";

/** Who tried, as `attemptSource` makes it. */
export interface AttemptSource {
  key: string;
  kind: "address" | "loopback" | "loopback-page";
}

/** Oldest keys give way beyond this: a flood of invented sources must not grow memory (DOS-22). */
const MAX_KEYS = 10_000;
/** A program on this machine can invent origins; beyond so many they share one count. */
const MAX_PAGES = 16;

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 5_000;
/** Answers that would have to wait longer than this are not kept waiting at all. */
const MAX_QUEUE_MS = 60_000;

interface Record {
  failures: number;
  windowEndsAt: number;
  lockedUntil: number;
  /** When the last delayed answer is due. */
  answerAt: number;
}

/** When a failed attempt may be answered. `overdue`: so many answers wait already that this one is a lockout. */
export type Penalty = { kind: "after"; delayMs: number } | { kind: "overdue"; retryAfterMs: number };

/**
 * Failed-credential limiter (protocol.md §4.5). Only wrong credentials count, missing ones do not. Times are monotonic:
 * setting the clock neither locks anybody out nor lets anybody in.
 */
export interface Attempts {
  /** Milliseconds until the source may try again; 0 when it may now. Asked before anything is compared (AUTH-05). */
  retryAfterMs(kind: CredentialClass, source: AttemptSource): number;
  /** Only the answer waits: a right credential is never delayed. */
  failed(kind: CredentialClass, source: AttemptSource): Penalty;
  succeeded(kind: CredentialClass, source: AttemptSource): void;
}

export function trackAttempts(rules: AttemptRules, clock: Clock): Attempts {
  const records = new Map<string, Record>();
  const pages = new Map<string, number>();

  function keyOf(kind: CredentialClass, source: AttemptSource): string {
    const known = source.kind !== "loopback-page" || pages.has(source.key) || roomForPage();
    return `${kind} ${known ? source.key : "origin *"}`;
  }

  function roomForPage(): boolean {
    const now = clock.monotonic();
    for (const [key, endsAt] of pages) if (endsAt <= now) pages.delete(key);
    return pages.size < MAX_PAGES;
  }

  function recordFor(key: string): Record {
    const now = clock.monotonic();
    const known = records.get(key);
    if (known && now < known.windowEndsAt) return known;
    const fresh = { failures: 0, windowEndsAt: now + rules.windowMs, lockedUntil: 0, answerAt: now };
    records.delete(key);
    records.set(key, fresh);
    if (records.size > MAX_KEYS) records.delete(records.keys().next().value!);
    return fresh;
  }

  return {
    retryAfterMs(kind, source) {
      const record = records.get(keyOf(kind, source));
      return record ? Math.max(0, record.lockedUntil - clock.monotonic()) : 0;
    },
    failed(kind, source) {
      const now = clock.monotonic();
      const key = keyOf(kind, source);
      const record = recordFor(key);
      record.failures++;
      if (source.kind === "loopback-page" && !key.endsWith("*"))
        pages.set(source.key, now + rules.windowMs + rules.lockoutMs);
      if (source.kind === "loopback" && rules.exemptLoopback) return slowDown(record, now, rules.windowMs);
      if (record.failures >= rules.maxAttempts) {
        record.lockedUntil = now + rules.lockoutMs;
        record.windowEndsAt = record.lockedUntil;
      }
      return { kind: "after", delayMs: 0 };
    },
    succeeded(kind, source) {
      records.delete(keyOf(kind, source));
    },
  };
}

/** One answer after the other, each later than the one before by a quarter of a second up to five (AUTH-04). */
function slowDown(record: Record, now: number, windowMs: number): Penalty {
  const step = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(record.failures - 1, 10));
  const answerAt = Math.max(now, record.answerAt) + step;
  if (answerAt - now > MAX_QUEUE_MS) return { kind: "overdue", retryAfterMs: record.answerAt - now };
  record.answerAt = answerAt;
  record.windowEndsAt = answerAt + windowMs;
  return { kind: "after", delayMs: answerAt - now };
}

import type { ChannelFault, FaultKind } from "./channel.ts";

interface Pace {
  firstMs: number;
  capMs: number;
}

/** Caps are below a minute wherever the platform may be well again: an account is back within that time. */
const PACES: Readonly<Record<Exclude<FaultKind, "config">, Pace>> = {
  network: { firstMs: 1_000, capMs: 30_000 },
  timeout: { firstMs: 1_000, capMs: 30_000 },
  platform: { firstMs: 1_000, capMs: 30_000 },
  protocol: { firstMs: 2_000, capMs: 45_000 },
  "rate-limit": { firstMs: 5_000, capMs: 45_000 },
  auth: { firstMs: 5_000, capMs: 45_000 },
  conflict: { firstMs: 5_000, capMs: 45_000 },
  forbidden: { firstMs: 10_000, capMs: 45_000 },
};

/** What was refused for a whole day is asked less often, and still asked. */
const REFUSED_FOR_MS = 86_400_000;
const REFUSED_CAP_MS = 600_000;
const MAX_RETRY_AFTER_MS = 3_600_000;

export interface Failures {
  /** In a row, this one counted. */
  count: number;
  /** Since the first of them. */
  forMs: number;
}

/** Pure: how long to wait before the next attempt; `random` is in [0, 1). Undefined: only a change of settings helps. */
export function pauseAfter(
  fault: Pick<ChannelFault, "kind" | "retryAfterMs">,
  { count, forMs }: Failures,
  random: number,
): number | undefined {
  if (fault.kind === "config") return undefined;
  const { firstMs, capMs } = PACES[fault.kind];
  const isRefused = fault.kind === "auth" || fault.kind === "forbidden";
  const cap = isRefused && forMs > REFUSED_FOR_MS ? REFUSED_CAP_MS : capMs;
  const doubled = Math.min(firstMs * 2 ** Math.min(count - 1, 20), cap);
  // Accounts that fell together do not come back together.
  const jittered = doubled * (0.75 + 0.25 * random);
  return Math.max(jittered, Math.min(fault.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}

import type { Clock } from "../../platform/clock.ts";

/** So many at once, and then one for each that has come in: servers end connections that say too much. */
export interface Pace {
  /** Resolves when the next line may go; rejects with the signal's reason. */
  turn(signal: AbortSignal): Promise<void>;
}

export function openPace(
  { burst, linesPerSecond }: { burst: number; linesPerSecond: number },
  clock: Clock,
): Pace {
  const everyMs = 1_000 / linesPerSecond;
  /** The moment up to which what was sent is paid for. */
  let paidUntilMs = Number.NEGATIVE_INFINITY;
  return {
    async turn(signal) {
      signal.throwIfAborted();
      const nowMs = clock.monotonic();
      paidUntilMs = Math.max(paidUntilMs, nowMs - burst * everyMs) + everyMs;
      if (paidUntilMs > nowMs) await wait(paidUntilMs - nowMs, clock, signal);
    },
  };
}

function wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      timer[Symbol.dispose]();
      reject(signal.reason);
    };
    const timer = clock.after(ms, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

import type { Clock } from "../platform/clock.ts";

/** Resolves with the promise, after `ms` or when the signal aborts, whichever comes first. The promise must not reject. */
export function within(
  promise: Promise<unknown>,
  ms: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      timer[Symbol.dispose]();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.after(ms, end);
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) end();
    void promise.then(end);
  });
}

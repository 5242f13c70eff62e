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

/** The result of a step, or the reason of the signal, whichever comes first. */
export async function orAbort<T>(signal: AbortSignal | undefined, step: Promise<T> | T): Promise<T> {
  if (!signal) return await step;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([step, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

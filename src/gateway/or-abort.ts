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

/** An abort as something to race against: made once per run, raced once per step, released at its end. */
export interface AbortWatch extends Disposable {
  readonly aborted: boolean;
  /** Resolves with "aborted" as soon as the signal fires; stays pending otherwise. */
  readonly happened: Promise<"aborted">;
}

export function watchAbort(signal: AbortSignal): AbortWatch {
  const { promise, resolve } = Promise.withResolvers<"aborted">();
  const onAbort = () => resolve("aborted");
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    get aborted() {
      return signal.aborted;
    },
    happened: promise,
    [Symbol.dispose]() {
      signal.removeEventListener("abort", onAbort);
    },
  };
}

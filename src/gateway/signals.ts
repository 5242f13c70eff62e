/** What the process is told by its owner. */
export interface Signals extends Disposable {
  /** SIGINT, SIGTERM or SIGHUP: stop in good order. */
  first: Promise<"signal">;
  /** Aborted by the same, for a start that is still going on. */
  aborted: AbortSignal;
  /** From now on a gateway runs. A restart that was asked for during its start comes at once. */
  serve(gateway: Served): void;
  /** What was asked for until now is satisfied by the start that follows. */
  forgetRestart(): void;
}

export interface Served {
  restart(): void;
  /** Before the process is ended at once, by a second signal. */
  impatient(): void;
}

const STOP = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * SIGUSR2 asks for a restart. SIGUSR1 is taken and means nothing: left alone it would open Node's debugger, with
 * which every program on this machine can run code here.
 */
export function listenForSignals(): Signals {
  const { promise: first, resolve } = Promise.withResolvers<"signal">();
  const stop = new AbortController();
  let served: Served | undefined;
  let wished = false;

  /** The second signal of an impatient person ends the process at once; the journal makes that safe. */
  const onStop = () => {
    if (stop.signal.aborted) {
      served?.impatient();
      process.exit(1);
    }
    resolve("signal");
    stop.abort(new Error("stopped by a signal"));
  };
  const onRestart = () => {
    wished = true;
    served?.restart();
  };
  const onNothing = () => {};
  for (const name of STOP) process.on(name, onStop);
  process.on("SIGUSR1", onNothing);
  process.on("SIGUSR2", onRestart);

  return {
    first,
    aborted: stop.signal,
    serve(gateway) {
      served = gateway;
      if (wished) served.restart();
    },
    forgetRestart() {
      served = undefined;
      wished = false;
    },
    [Symbol.dispose]() {
      for (const name of STOP) process.off(name, onStop);
      process.off("SIGUSR1", onNothing);
      process.off("SIGUSR2", onRestart);
    },
  };
}

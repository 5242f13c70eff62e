import { aborted, late, type OutboundError } from "./outbound-error.ts";

export interface Deadlines {
  /** Until the connection (and TLS) stands, waiting for a free socket included. */
  connectMs: number;
  /** From there until the head of the answer. */
  firstByteMs: number;
  /** Between two pieces of the body, while the reader waits for one. */
  idleMs: number;
  /** All of it, body included. */
  totalMs: number;
}

/** Ends a call at the first of its deadlines or at the caller's abort. */
export interface DeadlineWatch extends Disposable {
  /** Why the call was ended, once it was. */
  readonly failure: OutboundError | undefined;
  /** Called once, with `failure` set. */
  onFailure: (error: OutboundError) => void;
  /** Starts the deadline of a phase in place of the one before. */
  enter(phase: "connect" | "first-byte" | "idle"): void;
  /** Nothing is awaited at the moment; only the total still counts. */
  rest(): void;
}

const FIELD = { connect: "connectMs", "first-byte": "firstByteMs", idle: "idleMs" } as const;

export function watchDeadlines(host: string, deadlines: Deadlines, signal: AbortSignal): DeadlineWatch {
  let current: keyof typeof FIELD | undefined;
  let waiting = false;
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const total = setTimeout(() => fail(late("total", host, deadlines.totalMs)), deadlines.totalMs);
  const onAbort = () => fail(aborted(host, signal.reason));
  signal.addEventListener("abort", onAbort, { once: true });

  function end(): void {
    over = true;
    clearTimeout(timer);
    clearTimeout(total);
    signal.removeEventListener("abort", onAbort);
  }

  const watch = {
    failure: undefined as OutboundError | undefined,
    onFailure: (_: OutboundError) => {},
    enter(phase: keyof typeof FIELD) {
      if (over) return;
      waiting = true;
      // Once per piece of a stream: moving the timer is far cheaper than making one.
      if (timer && current === phase) return void timer.refresh();
      clearTimeout(timer);
      current = phase;
      const ms = deadlines[FIELD[phase]];
      timer = setTimeout(() => {
        timer = undefined;
        if (waiting) fail(late(phase, host, ms));
      }, ms);
    },
    rest() {
      waiting = false;
    },
    [Symbol.dispose]: end,
  };

  function fail(error: OutboundError): void {
    if (watch.failure) return;
    watch.failure = error;
    end();
    watch.onFailure(error);
  }

  if (signal.aborted) onAbort();
  return watch;
}

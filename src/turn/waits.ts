import type { Clock } from "../platform/clock.ts";
import type { TurnOutcome } from "./outcome.ts";

/** Lets callers wait for the end of a run, also of one that has not been accepted yet. */
export interface RunWaits {
  track(runId: string, done: Promise<TurnOutcome>): void;
  /** Undefined when it did not end within the time. */
  wait(runId: string, timeoutMs: number): Promise<TurnOutcome | undefined>;
}

/** Waiting costs a caller nothing, so the number of those who wait is bounded. */
const MAX_WAITERS = 2_000;

export function openRunWaits(clock: Clock): RunWaits {
  const waiters = new Map<string, Set<(outcome: TurnOutcome) => void>>();
  let waiting = 0;

  return {
    track(runId, done) {
      void done.then((outcome) => {
        for (const resolve of waiters.get(runId) ?? []) resolve(outcome);
      });
    },
    wait(runId, timeoutMs) {
      if (waiting >= MAX_WAITERS) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        waiting++;
        const finish = (outcome: TurnOutcome | undefined) => {
          timer[Symbol.dispose]();
          waiting--;
          const set = waiters.get(runId);
          set?.delete(finish);
          if (set?.size === 0) waiters.delete(runId);
          resolve(outcome);
        };
        const timer = clock.after(timeoutMs, () => finish(undefined));
        const set = waiters.get(runId) ?? new Set();
        waiters.set(runId, set.add(finish));
      });
    },
  };
}

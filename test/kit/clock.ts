import type { Clock } from "../../src/platform/clock.ts";

export interface HandClock extends Clock {
  /** Moves time; everything that falls due on the way runs in order, each at its own moment. */
  advance(ms: number): void;
}

interface Alarm {
  dueMs: number;
  everyMs: number | undefined;
  fn: () => void;
}

/** A clock whose time moves when the test says so. `monotonic` starts at 0. */
export function handClock(startMs = Date.UTC(2026, 0, 5, 12)): HandClock {
  const alarms = new Set<Alarm>();
  let elapsedMs = 0;

  function set(ms: number, everyMs: number | undefined, fn: () => void): Disposable {
    const alarm = { dueMs: elapsedMs + Math.max(ms, 0), everyMs, fn };
    alarms.add(alarm);
    return { [Symbol.dispose]: () => void alarms.delete(alarm) };
  }

  /** Alarms of the same moment run in the order they were set. */
  function nextUntil(endMs: number): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of alarms) {
      if (alarm.dueMs <= endMs && (!next || alarm.dueMs < next.dueMs)) next = alarm;
    }
    return next;
  }

  return {
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    after: (ms, fn) => set(ms, undefined, fn),
    every: (ms, fn) => set(ms, Math.max(ms, 1), fn),
    advance(ms) {
      const endMs = elapsedMs + ms;
      for (let alarm = nextUntil(endMs); alarm; alarm = nextUntil(endMs)) {
        elapsedMs = alarm.dueMs;
        alarms.delete(alarm);
        if (alarm.everyMs !== undefined) {
          alarm.dueMs += alarm.everyMs;
          alarms.add(alarm);
        }
        alarm.fn();
      }
      elapsedMs = endMs;
    },
  };
}

import type { Clock } from "../platform/clock.ts";

export interface WriteRules {
  maxWrites: number;
  windowMs: number;
}

/** protocol.md §1.4: control-plane writes, each method and each caller for itself. */
export const CONTROL_PLANE_WRITES: WriteRules = { maxWrites: 30, windowMs: 60_000 };

/** Oldest keys give way beyond this: a flood of invented callers must not grow memory (DOS-22). */
const MAX_KEYS = 10_000;

/** How often one caller may write: a client in a loop costs itself, not the disk and not the others (DOS-24). */
export interface WriteLimit {
  readonly rules: WriteRules;
  /** 0: the write is counted and may go on. Otherwise the milliseconds until the next one may. */
  take(key: string): number;
}

interface Window {
  writes: number;
  endsAt: number;
}

export function limitWrites(rules: WriteRules, clock: Clock): WriteLimit {
  const windows = new Map<string, Window>();
  return {
    rules,
    take(key) {
      const now = clock.monotonic();
      let window = windows.get(key);
      if (!window || now >= window.endsAt) {
        window = { writes: 0, endsAt: now + rules.windowMs };
        windows.delete(key);
        windows.set(key, window);
        if (windows.size > MAX_KEYS) windows.delete(windows.keys().next().value!);
      }
      if (window.writes >= rules.maxWrites) return window.endsAt - now;
      window.writes++;
      return 0;
    },
  };
}

import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";

/** Refusals in the log: each source is told of a few times a minute, and then counted (DOS-26). */
export interface RefusalLog {
  note(key: string, message: string, fields: Record<string, unknown>, to?: Log): void;
}

const WINDOW_MS = 60_000;
const LINES_PER_KEY = 5;
const LINES_IN_ALL = 200;
const MAX_KEYS = 512;

export function openRefusalLog(log: Log, clock: Clock): RefusalLog {
  let windowEndsAt = 0;
  let written = 0;
  let unwritten = 0;
  const counts = new Map<string, number>();

  function turnPage(): void {
    if (unwritten > 0) log.warn(`${unwritten} more refusals within a minute, not written one by one`);
    counts.clear();
    written = 0;
    unwritten = 0;
    windowEndsAt = clock.monotonic() + WINDOW_MS;
  }

  return {
    note(key, message, fields, to = log) {
      if (clock.monotonic() >= windowEndsAt) turnPage();
      const count = (counts.get(key) ?? 0) + 1;
      if (counts.size < MAX_KEYS || counts.has(key)) counts.set(key, count);
      if (count > LINES_PER_KEY || written >= LINES_IN_ALL) {
        unwritten++;
        return;
      }
      written++;
      to.warn(message, fields);
    },
  };
}

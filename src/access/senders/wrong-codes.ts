import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/sqlite.ts";

/** Wrong codes per channel within an hour before no code is looked at any more (CHAN-08). */
const MAX_WRONG = 5;
const WINDOW_MS = 3_600_000;

export interface WrongCodes {
  lockedForMs(channel: string): number;
  add(channel: string): void;
  clear(channel: string): void;
}

/** On disk, so that whoever guesses does not start again with each call of the command. Call inside a transaction. */
export function openWrongCodes(database: Database, clock: Clock): WrongCodes {
  function current(channel: string): { count: number; since: number } | undefined {
    const row = database.prepare("SELECT count, since FROM wrong_codes WHERE channel = ?").get(channel);
    if (!row) return undefined;
    const [count, since] = [Number(row.count), Number(row.since)];
    const age = clock.now() - since;
    return age >= 0 && age < WINDOW_MS ? { count, since } : undefined;
  }

  return {
    lockedForMs(channel) {
      const found = current(channel);
      return found && found.count >= MAX_WRONG ? found.since + WINDOW_MS - clock.now() : 0;
    },
    add(channel) {
      const found = current(channel);
      database
        .prepare("INSERT OR REPLACE INTO wrong_codes (channel, count, since) VALUES (?, ?, ?)")
        .run(channel, (found?.count ?? 0) + 1, found?.since ?? clock.now());
    },
    clear(channel) {
      database.prepare("DELETE FROM wrong_codes WHERE channel = ?").run(channel);
    },
  };
}

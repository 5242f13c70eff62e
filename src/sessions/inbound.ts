import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/sqlite.ts";

/** A message as its platform names it. */
export interface InboundId {
  channel: string;
  accountId: string;
  chatId: string;
  messageId: string;
}

export type InboundFate = { kind: "accepted"; runId: string } | { kind: "dropped"; reason: string };

/** What became of every message a platform has brought. Rows are written inside of the caller's transaction. */
export interface Inbox {
  find(id: InboundId): InboundFate | undefined;
  /** False when it was there already; then nothing is changed. */
  record(id: InboundId, fate: InboundFate): boolean;
  /** Newest first. */
  list(query: { channel?: string; accountId?: string; limit: number }): (InboundId & {
    fate: InboundFate;
    at: number;
  })[];
  /** Drops what no platform will bring again. */
  prune(): number;
}

/** Platforms repeat within a day (Telegram) or after a reconnect. */
const KEEP_MS = 7 * 86_400_000;
const KEEP_ROWS = 100_000;

export function openInbox(database: Database, clock: Clock): Inbox {
  return {
    find({ channel, accountId, chatId, messageId }) {
      const row = database
        .prepare(
          "SELECT run_id, reason FROM inbox WHERE channel = ? AND account_id = ? AND chat_id = ? AND message_id = ?",
        )
        .get(channel, accountId, chatId, messageId);
      return row && toFate(row);
    },
    record({ channel, accountId, chatId, messageId }, fate) {
      const [runId, reason] = fate.kind === "accepted" ? [fate.runId, null] : [null, fate.reason];
      const { changes } = database
        .prepare(
          `INSERT OR IGNORE INTO inbox (channel, account_id, chat_id, message_id, run_id, reason, at)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(channel, accountId, chatId, messageId, runId, reason, clock.now());
      return Number(changes) === 1;
    },
    list({ channel, accountId, limit }) {
      return database
        .prepare(
          `SELECT * FROM inbox WHERE (?1 IS NULL OR channel = ?1) AND (?2 IS NULL OR account_id = ?2)
           ORDER BY at DESC LIMIT ?3`,
        )
        .all(channel ?? null, accountId ?? null, limit)
        .map((row) => ({
          channel: row.channel as string,
          accountId: row.account_id as string,
          chatId: row.chat_id as string,
          messageId: row.message_id as string,
          fate: toFate(row),
          at: row.at as number,
        }));
    },
    prune() {
      const old = database.prepare("DELETE FROM inbox WHERE at < ?").run(clock.now() - KEEP_MS);
      const newest = database
        .prepare("SELECT at FROM inbox ORDER BY at DESC LIMIT 1 OFFSET ?")
        .get(KEEP_ROWS);
      const many = newest && database.prepare("DELETE FROM inbox WHERE at <= ?").run(newest.at as number);
      return Number(old.changes) + Number(many?.changes ?? 0);
    },
  };
}

function toFate(row: Record<string, unknown>): InboundFate {
  return row.run_id === null
    ? { kind: "dropped", reason: row.reason as string }
    : { kind: "accepted", runId: row.run_id as string };
}

/** What an account keeps over restarts. */
export interface AccountMemory {
  recall(key: string): string | undefined;
  /** On the disk when it returns. Small values only. */
  remember(key: string, value: string): void;
}

const MAX_KEYS = 64;
const MAX_VALUE_CHARS = 4_096;

export function openAccountMemory(
  database: Database,
  clock: Clock,
  { channel, accountId }: Pick<InboundId, "channel" | "accountId">,
): AccountMemory {
  return {
    recall(key) {
      const row = database
        .prepare("SELECT value FROM channel_memory WHERE channel = ? AND account_id = ? AND key = ?")
        .get(channel, accountId, key);
      return row?.value as string | undefined;
    },
    remember(key, value) {
      if (value.length > MAX_VALUE_CHARS) throw new RangeError(`${channel} keeps too much under "${key}"`);
      database.transaction(
        () => {
          database
            .prepare(
              `INSERT INTO channel_memory (channel, account_id, key, value, at) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at`,
            )
            .run(channel, accountId, key, value, clock.now());
          database
            .prepare(
              `DELETE FROM channel_memory WHERE channel = ?1 AND account_id = ?2 AND key NOT IN (
                 SELECT key FROM channel_memory WHERE channel = ?1 AND account_id = ?2 ORDER BY at DESC LIMIT ?3)`,
            )
            .run(channel, accountId, MAX_KEYS);
        },
        { durable: true },
      );
    },
  };
}

import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/sqlite.ts";
import {
  insertOutboxRow,
  type NewOutboxRow,
  type OutboxPart,
  type OutboxRow,
  type OutboxState,
  toOutboxRow,
} from "./outbox-row.ts";

export type { NewOutboxRow, OutboxPart, OutboxRow, OutboxState } from "./outbox-row.ts";

export interface OutboxQuery {
  channel?: string | undefined;
  accountId?: string | undefined;
  state?: OutboxState | undefined;
  limit: number;
}

export interface OutboxCounts {
  queued: number;
  unknown: number;
  failed: number;
}

/**
 * Messages to chats, on disk before they are sent and until their fate is known. All calls are synchronous; those that
 * change a state have written it when they return. One row is one message of ours, which may be several of the platform's.
 */
export interface Outbox {
  add(row: NewOutboxRow): { kind: "added" | "duplicate"; row: OutboxRow };
  find(id: string): OutboxRow | undefined;
  /** Newest first. */
  list(query: OutboxQuery): OutboxRow[];
  /** A failed or waiting row is due at once; the parts that have arrived are not sent again. False for any other. */
  retry(id: string): boolean;
  /** Gives up what has not arrived; false for a row that was sent or is being sent. */
  drop(id: string): boolean;
  counts(channel: string, accountId: string): OutboxCounts;
  /**
   * The oldest open row of each chat of an account that is due: what comes behind it waits. One that was put off by a clock
   * that has gone back since is due.
   */
  heads(channel: string, accountId: string): OutboxRow[];
  /** Epoch ms of the next row that will be due, if any. */
  nextDueAt(channel: string, accountId: string): number | undefined;
  /** An attempt begins. `parts` with the first one. */
  begin(id: string, parts: readonly OutboxPart[] | undefined): OutboxRow;
  /** The platform has given the next part this id; the last one makes the row `sent`. */
  partSent(id: string, messageId: string): OutboxRow;
  /** Surely not sent: later again. */
  postpone(id: string, failure: { class: string; reason: string }, nextAttemptAt: number): void;
  /** Nobody knows whether the part has arrived. `isAmbiguous`: and nobody can be asked. */
  unknown(id: string, reason: string, nextAttemptAt: number, isAmbiguous: boolean): void;
  /** A dead letter. */
  fail(id: string, failure: { class: string; reason: string }): void;
  /** After a start: what was being sent when the process ended. */
  recover(): number;
  /** Sent rows older than a day and failed ones older than 30 go. */
  prune(): number;
}

const KEEP_SENT_MS = 86_400_000;
const KEEP_FAILED_MS = 30 * 86_400_000;
const OPEN = "state IN ('queued', 'sending', 'unknown')";

export function openOutbox(database: Database, clock: Clock): Outbox {
  const one = (sql: string, ...values: Value[]) => database.prepare(sql).get(...values);
  const all = (sql: string, ...values: Value[]) => database.prepare(sql).all(...values);

  function change(sql: string, ...values: Value[]): number {
    return database.transaction(() => Number(database.prepare(sql).run(...values).changes), {
      durable: true,
    });
  }

  function find(id: string): OutboxRow | undefined {
    const row = one("SELECT * FROM outbox WHERE id = ?", id);
    return row && toOutboxRow(row);
  }

  return {
    find,
    add(row) {
      return database.transaction(
        () => {
          const known = one("SELECT * FROM outbox WHERE idempotency_key = ?", row.idempotencyKey);
          if (known) return { kind: "duplicate", row: toOutboxRow(known) };
          return { kind: "added", row: find(insertOutboxRow(database, row, clock.now()))! };
        },
        { durable: true },
      );
    },
    list: ({ channel, accountId, state, limit }) =>
      all(
        `SELECT * FROM outbox WHERE (?1 IS NULL OR channel = ?1) AND (?2 IS NULL OR account_id = ?2)
           AND (?3 IS NULL OR state = ?3) ORDER BY seq DESC LIMIT ?4`,
        ...[channel ?? null, accountId ?? null, state ?? null, limit],
      ).map(toOutboxRow),
    retry: (id) =>
      change(
        `UPDATE outbox SET state = iif(state = 'failed', 'queued', state), attempts = 0, ambiguous = 0, next_attempt_at = ?2,
           failure_class = NULL, failure = NULL, updated_at = ?2
         WHERE id = ?1 AND state IN ('failed', 'queued', 'unknown')`,
        ...[id, clock.now()],
      ) > 0,
    drop: (id) =>
      change("DELETE FROM outbox WHERE id = ? AND state IN ('queued', 'unknown', 'failed')", id) > 0,
    counts(channel, accountId) {
      const row = one(
        `SELECT count(*) FILTER (WHERE state IN ('queued', 'sending')) AS queued,
           count(*) FILTER (WHERE state = 'unknown') AS unknown, count(*) FILTER (WHERE state = 'failed') AS failed
         FROM outbox WHERE channel = ? AND account_id = ? AND state != 'sent'`,
        ...[channel, accountId],
      )!;
      return { queued: Number(row.queued), unknown: Number(row.unknown), failed: Number(row.failed) };
    },
    heads: (channel, accountId) =>
      all(
        `SELECT * FROM outbox WHERE seq IN (
           SELECT min(seq) FROM outbox WHERE channel = ?1 AND account_id = ?2 AND ${OPEN} GROUP BY chat_id)
         AND state != 'sending' AND (next_attempt_at <= ?3 OR updated_at > ?3) ORDER BY seq`,
        ...[channel, accountId, clock.now()],
      ).map(toOutboxRow),
    nextDueAt(channel, accountId) {
      const row = one(
        `SELECT min(iif(updated_at > ?3, ?3, next_attempt_at)) AS at FROM outbox WHERE seq IN (
           SELECT min(seq) FROM outbox WHERE channel = ?1 AND account_id = ?2 AND ${OPEN} GROUP BY chat_id)
         AND state != 'sending'`,
        ...[channel, accountId, clock.now()],
      );
      return (row?.at as number | null) ?? undefined;
    },
    begin(id, parts) {
      change(
        `UPDATE outbox SET state = 'sending', attempts = attempts + 1, parts = ifnull(parts, ?2),
           first_tried_at = ifnull(first_tried_at, ?3), updated_at = ?3 WHERE id = ?1`,
        ...[id, parts ? JSON.stringify(parts) : null, clock.now()],
      );
      return find(id)!;
    },
    partSent(id, messageId) {
      // Not flushed: after a power cut the platform is asked again, which costs less than a flush for every reply.
      database
        .prepare(
          `UPDATE outbox SET message_ids = json_insert(message_ids, '$[#]', ?2), first_tried_at = NULL, attempts = 0,
             ambiguous = 0, failure_class = NULL, failure = NULL, updated_at = ?3,
             state = iif(json_array_length(message_ids) + 1 >= json_array_length(parts), 'sent', 'queued')
           WHERE id = ?1`,
        )
        .run(id, messageId, clock.now());
      return find(id)!;
    },
    postpone: (id, failure, nextAttemptAt) =>
      void change(
        `UPDATE outbox SET state = 'queued', failure_class = ?2, failure = ?3, next_attempt_at = ?4, updated_at = ?5
         WHERE id = ?1`,
        ...[id, failure.class, failure.reason, nextAttemptAt, clock.now()],
      ),
    unknown: (id, reason, nextAttemptAt, isAmbiguous) =>
      void change(
        `UPDATE outbox SET state = 'unknown', failure_class = 'unknown', failure = ?2, next_attempt_at = ?3,
           updated_at = ?4, ambiguous = ambiguous + ?5 WHERE id = ?1`,
        ...[id, reason, nextAttemptAt, clock.now(), isAmbiguous ? 1 : 0],
      ),
    fail: (id, failure) =>
      void change(
        "UPDATE outbox SET state = 'failed', failure_class = ?2, failure = ?3, updated_at = ?4 WHERE id = ?1",
        ...[id, failure.class, failure.reason, clock.now()],
      ),
    recover: () =>
      change(
        `UPDATE outbox SET state = 'unknown', failure_class = 'unknown', next_attempt_at = ?1, updated_at = ?1,
           failure = 'the gateway ended while it was being sent' WHERE state = 'sending'`,
        clock.now(),
      ),
    prune: () =>
      change(
        "DELETE FROM outbox WHERE (state = 'sent' AND updated_at < ?) OR (state = 'failed' AND updated_at < ?)",
        ...[clock.now() - KEEP_SENT_MS, clock.now() - KEEP_FAILED_MS],
      ),
  };
}

type Value = string | number | null;

import type { Database } from "../platform/sqlite.ts";
import type { InboundFate, InboundId } from "./inbound.ts";
import { type OutboxEntry, outboxEntry } from "./outbox-entry.ts";
import { toOutboxRow } from "./outbox-row.ts";

export interface TracedInbound extends InboundId {
  /** Accepted with a run, or the reason of the drop. */
  fate: InboundFate;
  at: number;
}

/** What the channels know of a message: how it came in, and what left for it with which proof. */
export interface MessageTrace {
  inbound: TracedInbound[];
  outbound: OutboxEntry[];
}

const MAX_ROWS = 50;

/** By the platform's id of a message, an outbox id, or a run id: everything that belongs to it, oldest first. */
export function traceMessage(database: Database, id: string): MessageTrace {
  const outbound = database
    .prepare(
      `SELECT * FROM outbox WHERE id = ?1 OR run_id = ?1 OR idempotency_key = ?1
         OR EXISTS (SELECT 1 FROM json_each(message_ids) WHERE value = ?1)
         OR run_id IN (SELECT run_id FROM inbox WHERE message_id = ?1 AND run_id IS NOT NULL)
       ORDER BY seq LIMIT ?2`,
    )
    .all(id, MAX_ROWS)
    .map(toOutboxRow);
  const runs = [...new Set([id, ...outbound.flatMap(({ runId }) => (runId === undefined ? [] : [runId]))])];
  const inbound = database
    .prepare(
      `SELECT * FROM inbox WHERE message_id = ?1 OR run_id IN (SELECT value FROM json_each(?2)) ORDER BY at LIMIT ?3`,
    )
    .all(id, JSON.stringify(runs), MAX_ROWS)
    .map((row): TracedInbound => {
      const { run_id: runId, reason } = row;
      return {
        ...{ channel: row.channel as string, accountId: row.account_id as string },
        ...{ chatId: row.chat_id as string, messageId: row.message_id as string, at: row.at as number },
        fate:
          runId === null
            ? { kind: "dropped", reason: reason as string }
            : { kind: "accepted", runId: runId as string },
      };
    });
  return { inbound, outbound: outbound.map(outboxEntry) };
}

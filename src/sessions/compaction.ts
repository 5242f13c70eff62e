import { grouped } from "../platform/grouped.ts";
import type { Database } from "../platform/sqlite.ts";
import { type StoredMessage, type TranscriptMessage, text } from "../protocol/messages.ts";
import { isCommand, kindOf } from "./command-mark.ts";
import type { Session, SessionStore } from "./store.ts";

/** Says that the older part of a conversation reaches the model as a summary from now on. */
export interface CompactionRecord {
  reason: "window" | "overflow" | "manual";
  /** The last message the summary stands for. */
  throughSeq: number;
  summary: string;
  /** Estimated, of the conversation alone. */
  tokensBefore: number;
  tokensAfter: number;
}

/** A message with its place in the transcript. */
export type NumberedMessage = TranscriptMessage & { seq: number };

/** What a model may see of a conversation. */
export interface Conversation {
  /** Of everything before `messages`, where something was compacted. */
  summary: string | undefined;
  /** Oldest first. Begins with a user message. */
  messages: NumberedMessage[];
}

/** Whatever window a model has, more than this is never looked at; beyond it only a summary helps. */
const PAGE = 500;
const MAX_PAGES = 10;
const MAX_CHARS = 8_000_000;

/**
 * The record stands in the transcript, where people see it, and in force from the next call on. Call inside a
 * transaction to join it.
 */
export function recordCompaction(
  store: SessionStore,
  session: Session,
  record: CompactionRecord,
  at: { now: number; runId: string | undefined },
): StoredMessage {
  const saved = `${grouped(record.tokensBefore)} → ${grouped(record.tokensAfter)} tokens`;
  const message: TranscriptMessage = {
    role: "system",
    content: text(`Compacted: the earlier conversation is kept as a summary (${saved}).`),
    timestamp: at.now,
    details: { kind: "compaction", ...record },
  };
  return store.database.transaction(() => {
    const stored = store.append(session, message, at.runId);
    store.database
      .prepare("UPDATE sessions SET compaction_seq = ? WHERE session_id = ?")
      .run(stored.__openclaw.seq, session.sessionId);
    return stored;
  });
}

/** The conversation in force: since the last reset, behind the last compaction, without notices and commands. */
export function readConversation(database: Database, sessionId: string): Conversation {
  const record = newestCompaction(database, sessionId);
  const page = database.prepare(
    `SELECT seq, body FROM messages WHERE session_id = ?1
       AND seq > max(?2, (SELECT reset_seq FROM sessions WHERE session_id = ?1)) AND seq < ?3 ORDER BY seq DESC LIMIT ${PAGE}`,
  );
  const messages: NumberedMessage[] = [];
  let chars = 0;
  let before = Number.MAX_SAFE_INTEGER;
  for (let pages = 0; pages < MAX_PAGES && chars < MAX_CHARS; pages++) {
    const rows = page.all(sessionId, record?.throughSeq ?? 0, before);
    for (const row of rows) {
      before = row.seq as number;
      chars += (row.body as string).length;
      const message = JSON.parse(row.body as string) as NumberedMessage;
      message.seq = before;
      if (message.role !== "system" && !isCommand(message)) messages.push(message);
    }
    if (rows.length < PAGE) break;
  }
  messages.reverse();
  const first = messages.findIndex(({ role }) => role === "user");
  return { summary: record?.summary, messages: first > 0 ? messages.slice(first) : messages };
}

/** The one in force. */
export function newestCompaction(database: Database, sessionId: string): CompactionRecord | undefined {
  const row = database
    .prepare(
      `SELECT body FROM messages JOIN sessions USING (session_id)
       WHERE session_id = ? AND seq = compaction_seq AND seq > reset_seq`,
    )
    .get(sessionId);
  if (!row) return undefined;
  const { details } = JSON.parse(row.body as string) as TranscriptMessage;
  return kindOf(details) === "compaction" ? (details as CompactionRecord) : undefined;
}

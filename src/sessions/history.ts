import type { Database } from "../platform/sqlite.ts";
import type { ContentBlock, StoredMessage, TranscriptMessage } from "../protocol/messages.ts";

export interface HistoryQuery {
  sessionId: string;
  /** Messages at most, counted from the newest. */
  limit: number;
  /** Messages to skip from the newest; `cursor` wins over it. */
  offset?: number;
  /** Only messages older than this sequence number: stable while new ones arrive. */
  beforeSeq?: number;
  /** Text blocks longer than this are cut with a notice. */
  maxChars?: number;
}

export interface HistoryPage {
  /** Oldest first. */
  messages: StoredMessage[];
  total: number;
  hasMore: boolean;
  nextOffset?: number;
  nextCursor?: string;
}

export function readHistory(database: Database, query: HistoryQuery): HistoryPage {
  const { sessionId, limit, beforeSeq } = query;
  const offset = beforeSeq === undefined ? (query.offset ?? 0) : 0;
  const { total } = database
    .prepare("SELECT count(*) AS total FROM messages WHERE session_id = ?")
    .get(sessionId) as { total: number };
  const rows = database
    .prepare(
      `SELECT seq, id, run_id, at, body FROM messages
       WHERE session_id = ?1 AND (?2 IS NULL OR seq < ?2) ORDER BY seq DESC LIMIT ?3 OFFSET ?4`,
    )
    // One more than asked tells whether another page exists.
    .all(sessionId, beforeSeq ?? null, limit + 1, offset) as unknown as MessageRow[];
  const hasMore = rows.length > limit;
  const page = rows.slice(0, limit).reverse();
  return {
    messages: page.map((row) => cut(toMessage(row), query.maxChars)),
    total,
    hasMore,
    ...(hasMore && { nextOffset: offset + limit, nextCursor: `seq:${page[0]!.seq}` }),
  };
}

/** The newest part of a conversation in order, for the model. It begins with a user message. */
export function readTranscript(
  database: Database,
  sessionId: string,
  maxMessages: number,
): TranscriptMessage[] {
  const rows = database
    .prepare("SELECT body FROM messages WHERE session_id = ? ORDER BY seq DESC LIMIT ?")
    .all(sessionId, maxMessages);
  const messages = rows.map((row) => JSON.parse(row.body as string) as TranscriptMessage).reverse();
  const first = messages.findIndex((message) => message.role === "user");
  return first > 0 ? messages.slice(first) : messages;
}

export function parseCursor(cursor: string): number | undefined {
  const match = /^seq:(\d{1,15})$/.exec(cursor);
  return match ? Number(match[1]) : undefined;
}

interface MessageRow {
  seq: number;
  id: string;
  run_id: string | null;
  at: number;
  body: string;
}

function toMessage(row: MessageRow): StoredMessage {
  const message = JSON.parse(row.body) as TranscriptMessage;
  return {
    ...message,
    __openclaw: {
      id: row.id,
      seq: row.seq,
      recordTimestampMs: row.at,
      ...(row.run_id && { runId: row.run_id }),
    },
  };
}

function cut(message: StoredMessage, maxChars: number | undefined): StoredMessage {
  if (maxChars === undefined) return message;
  const content = message.content.map((block): ContentBlock => {
    if (block.type !== "text" || block.text.length <= maxChars) return block;
    return {
      type: "text",
      text: `${block.text.slice(0, maxChars)}\n… (${block.text.length - maxChars} more characters)`,
    };
  });
  return { ...message, content };
}

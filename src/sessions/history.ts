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
  /** Also what was said before the session was reset. */
  all?: boolean;
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

/** Sequence numbers have no holes, so that counting and skipping cost nothing however long a transcript is. */
export function readHistory(database: Database, query: HistoryQuery): HistoryPage {
  const { sessionId, limit, maxChars } = query;
  const bounds = boundsOf(database, sessionId);
  const { last } = bounds;
  const first = query.all ? 1 : bounds.first;
  const end = query.beforeSeq ?? last + 1 - (query.offset ?? 0);
  const start = Math.max(first, end - limit);
  const messages = readRange(database, sessionId, start, end).map((message) => cut(message, maxChars));
  const hasMore = start > first;
  return {
    messages,
    total: last + 1 - first,
    hasMore,
    ...(hasMore && { nextOffset: last + 1 - start, nextCursor: `seq:${start}` }),
  };
}

/** What came after `afterSeq`, oldest first; undefined where that is more than `limit` messages. */
export function readNews(
  database: Database,
  sessionId: string,
  afterSeq: number,
  limit: number,
): StoredMessage[] | undefined {
  const { last } = boundsOf(database, sessionId);
  if (last - afterSeq > limit) return undefined;
  return readRange(database, sessionId, afterSeq + 1, last + 1);
}

/** One message of the conversation in force. */
export function readMessage(database: Database, sessionId: string, id: string): StoredMessage | undefined {
  const row = database
    .prepare(
      `SELECT seq, id, run_id, at, body FROM messages WHERE id = ?2 AND session_id = ?1
       AND seq > (SELECT reset_seq FROM sessions WHERE session_id = ?1)`,
    )
    .get(sessionId, id) as unknown as MessageRow | undefined;
  return row && toMessage(row);
}

/** `from` ≤ seq < `to`, oldest first; with messages of before a reset where the caller asks for them. */
export function readRange(database: Database, sessionId: string, from: number, to: number): StoredMessage[] {
  const rows = database
    .prepare(
      "SELECT seq, id, run_id, at, body FROM messages WHERE session_id = ? AND seq >= ? AND seq < ? ORDER BY seq",
    )
    .all(sessionId, from, to) as unknown as MessageRow[];
  return rows.map(toMessage);
}

/** First and last sequence number of the conversation in force; `last` is one less than `first` while it is empty. */
function boundsOf(database: Database, sessionId: string): { first: number; last: number } {
  const row = database
    .prepare("SELECT reset_seq, last_seq FROM sessions WHERE session_id = ?")
    .get(sessionId);
  if (!row) return { first: 1, last: 0 };
  return { first: (row.reset_seq as number) + 1, last: row.last_seq as number };
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

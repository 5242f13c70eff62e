import { setImmediate as breathe } from "node:timers/promises";
import type { Database } from "../platform/sqlite.ts";
import { textOf } from "../protocol/messages.ts";
import { readRange } from "./history.ts";

export interface SearchHit {
  sessionKey: string;
  sessionId: string;
  messageId: string;
  role: "user" | "assistant";
  timestamp: number;
  snippet: string;
  /** 0 to 1, the newer in its session the more. */
  score: number;
}

export interface SearchQuery {
  query: string;
  limit: number;
  agentId?: string | undefined;
  sessionKeys?: readonly string[] | undefined;
}

/** Messages looked at in one go, so that the main thread stays free, and in all. */
const AT_ONCE = 400;
const MAX_MESSAGES = 40_000;
const SNIPPET_CHARS = 240;

/**
 * Messages that hold all words, from the most recently used session on. It reads instead of asking an index: an index
 * over all that was ever said would cost every message, and this is asked rarely.
 */
export async function searchMessages(
  database: Database,
  { query, limit, agentId, sessionKeys }: SearchQuery,
): Promise<{ results: SearchHit[]; truncated: boolean }> {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const sessions = database
    .prepare(
      `SELECT key, session_id, reset_seq, last_seq FROM sessions
       WHERE (?1 IS NULL OR agent_id = ?1) AND (?2 IS NULL OR key IN (SELECT value FROM json_each(?2)))
       ORDER BY updated_at DESC LIMIT 20000`,
    )
    .all(agentId ?? null, sessionKeys ? JSON.stringify(sessionKeys) : null);
  const results: SearchHit[] = [];
  let left = MAX_MESSAGES;
  let inOneGo = AT_ONCE;
  for (const { key, session_id, reset_seq, last_seq } of sessions) {
    for (let end = (last_seq as number) + 1; end > (reset_seq as number) + 1; ) {
      if (left <= 0 || results.length >= limit) return { results, truncated: true };
      const start = Math.max((reset_seq as number) + 1, end - Math.min(inOneGo, left));
      for (const message of readRange(database, session_id as string, start, end).reverse()) {
        const { role } = message;
        if (role !== "user" && role !== "assistant") continue;
        const text = textOf(message);
        const found = snippetOf(text, words);
        if (found === undefined || results.length >= limit) continue;
        const { id: messageId, seq } = message.__openclaw;
        results.push({
          sessionKey: key as string,
          sessionId: session_id as string,
          messageId,
          role,
          timestamp: message.timestamp,
          snippet: found,
          score: seq / Math.max(1, last_seq as number),
        });
      }
      left -= end - start;
      inOneGo -= end - start;
      end = start;
      if (inOneGo > 0) continue;
      inOneGo = AT_ONCE;
      await breathe();
    }
  }
  return { results, truncated: false };
}

function snippetOf(text: string, words: readonly string[]): string | undefined {
  const lower = text.toLowerCase();
  if (words.length === 0 || !words.every((word) => lower.includes(word))) return undefined;
  const start = Math.max(0, lower.indexOf(words[0]!) - SNIPPET_CHARS / 3);
  const piece = text
    .slice(start, start + SNIPPET_CHARS)
    .replaceAll(/\s+/g, " ")
    .trim();
  return `${start > 0 ? "…" : ""}${piece}${start + SNIPPET_CHARS < text.length ? "…" : ""}`;
}

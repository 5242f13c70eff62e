import type { Database } from "../platform/sqlite.ts";
import type { StoredMessage } from "../protocol/messages.ts";
import { readRange } from "./history.ts";

/** Messages looked at for those of one run: enough for the longest turn, little for the main thread. */
const AT_ONCE = 400;
const MAX_LOOKS = 10;

/** What a run left in its transcript, oldest first; looked for from the newest message back to `sinceMs`. */
export function messagesOfRun(
  database: Database,
  session: { sessionId: string; lastSeq: number },
  runId: string,
  sinceMs: number,
): StoredMessage[] {
  const found: StoredMessage[] = [];
  let end = session.lastSeq + 1;
  for (let look = 0; look < MAX_LOOKS && end > 1; look++) {
    const start = Math.max(1, end - AT_ONCE);
    const page = readRange(database, session.sessionId, start, end);
    found.unshift(...page.filter(({ __openclaw }) => __openclaw.runId === runId));
    if (page.length > 0 && page[0]!.__openclaw.recordTimestampMs < sinceMs) break;
    end = start;
  }
  return found;
}

/** Whose message this is, in whatever conversation. */
export function placeOfMessage(
  database: Database,
  id: string,
): { sessionId: string; runId: string | undefined; at: number } | undefined {
  const row = database.prepare("SELECT session_id, run_id, at FROM messages WHERE id = ?").get(id);
  if (!row) return undefined;
  return {
    sessionId: row.session_id as string,
    runId: (row.run_id as string | null) ?? undefined,
    at: row.at as number,
  };
}

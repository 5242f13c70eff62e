import { defaultAgentId } from "../config/agents.ts";
import { GatewayError } from "../protocol/errors.ts";
import { textOf } from "../protocol/messages.ts";
import { parseCursor, readHistory } from "../sessions/history.ts";
import { requireKey } from "./fields.ts";
import { sessionDefaults } from "./models.ts";
import type { GatewayServices } from "./services.ts";
import { rowOf } from "./session-rows.ts";

export interface ChatHistoryQuery {
  sessionKey: string;
  agentId?: string | undefined;
  limit: number;
  offset?: number | undefined;
  cursor?: string | undefined;
  maxChars?: number | undefined;
}

/** `chat.history` and `chat.startup` (protocol.md §10.1). A session nobody has used yet is empty, not an error. */
export async function readChat(query: ChatHistoryQuery, services: GatewayServices) {
  const { turns, model, loaded } = services;
  const key = requireKey(query.sessionKey, query.agentId, services);
  const beforeSeq = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  if (query.cursor !== undefined && beforeSeq === undefined) {
    throw new GatewayError(
      "INVALID_REQUEST",
      "invalid chat.history params: at /cursor: not a cursor of this gateway",
    );
  }
  const defaults = sessionDefaults(await model);
  const session = turns.store.find(key.text);
  if (!session) {
    return {
      sessionKey: key.text,
      messages: [],
      pendingInputs: { items: [], total: 0 },
      hasMore: false,
      totalMessages: 0,
      defaults,
    };
  }
  const page = readHistory(turns.store.database, {
    sessionId: session.sessionId,
    limit: query.limit,
    ...(query.offset !== undefined && { offset: query.offset }),
    ...(beforeSeq !== undefined && { beforeSeq }),
    ...(query.maxChars !== undefined && { maxChars: query.maxChars }),
  });
  const pending = turns.journal.pending(session.key);
  const [active] = turns.lanes.activeRunIds(session.key);
  return {
    sessionKey: session.key,
    sessionId: session.sessionId,
    messages: page.messages,
    pendingInputs: {
      items: pending.map(({ runId, acceptedAt, request }) => ({ runId, text: textOf(request), acceptedAt })),
      total: pending.length,
    },
    hasMore: page.hasMore,
    ...(page.nextOffset !== undefined && { nextOffset: page.nextOffset }),
    ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }),
    totalMessages: page.total,
    defaults,
    sessionInfo: rowOf(session, defaultAgentId(loaded.config), turns),
    ...(active !== undefined && { inFlightRun: { runId: active } }),
  };
}

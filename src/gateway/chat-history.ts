import { GatewayError } from "../protocol/errors.ts";
import { text, textOf } from "../protocol/messages.ts";
import { parseCursor, readHistory, readNews } from "../sessions/history.ts";
import type { Session } from "../sessions/store.ts";
import { requireKey } from "./fields.ts";
import { sessionDefaults } from "./models.ts";
import type { GatewayServices } from "./services.ts";
import { shownSession } from "./session-acts.ts";

export interface ChatHistoryQuery {
  sessionKey: string;
  agentId?: string | undefined;
  limit: number;
  offset?: number | undefined;
  cursor?: string | undefined;
  maxChars?: number | undefined;
  sessionId?: string | undefined;
  all?: boolean | undefined;
}

/**
 * `chat.history` and `chat.startup` (protocol.md §10.1). A session nobody has used yet is empty, not an error. With a
 * `deltaCursor` of an earlier answer only what came since, or word that the caller has to begin anew.
 */
export async function readChat(query: ChatHistoryQuery, services: GatewayServices) {
  const { turns, model } = services;
  const key = requireKey(query.sessionKey, query.agentId, services);
  const session = turns.store.find(key.text);
  const delta = query.cursor === undefined ? undefined : parseDelta(query.cursor);
  if (delta) return readDelta(delta, session, query.limit, services);

  const beforeSeq = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  if (query.cursor !== undefined && beforeSeq === undefined) {
    throw new GatewayError(
      "INVALID_REQUEST",
      "invalid chat.history params: at /cursor: not a cursor of this gateway",
    );
  }
  const defaults = sessionDefaults(await model);
  if (!session || (query.sessionId !== undefined && query.sessionId !== session.sessionId)) {
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
    ...(query.all && { all: true }),
  });
  return {
    sessionKey: session.key,
    sessionId: session.sessionId,
    messages: page.messages,
    deltaCursor: deltaCursor(session),
    hasMore: page.hasMore,
    ...(page.nextOffset !== undefined && { nextOffset: page.nextOffset }),
    ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }),
    totalMessages: page.total,
    defaults,
    ...now(session, services),
  };
}

interface Delta {
  sessionId: string;
  revision: number;
  seq: number;
}

function readDelta(delta: Delta, session: Session | undefined, limit: number, services: GatewayServices) {
  if (session?.sessionId !== delta.sessionId || session.revision !== delta.revision)
    return { kind: "reset" as const };
  const messages = readNews(services.turns.store.database, session.sessionId, delta.seq, limit);
  if (!messages) return { kind: "reset" as const };
  return { kind: "delta" as const, messages, deltaCursor: deltaCursor(session), ...now(session, services) };
}

function deltaCursor({ sessionId, revision, lastSeq }: Session): string {
  return `delta:${sessionId}:${revision}:${lastSeq}`;
}

function parseDelta(cursor: string): Delta | undefined {
  const match = /^delta:([0-9a-f-]{36}):(\d{1,10}):(\d{1,15})$/.exec(cursor);
  return match ? { sessionId: match[1]!, revision: Number(match[2]), seq: Number(match[3]) } : undefined;
}

/** What the session is doing: enough to go on watching a run in the middle of it. */
function now(session: Session, services: GatewayServices) {
  const { journal, lanes } = services.turns;
  const pending = journal.pending(session.key);
  const [runId] = lanes.activeRunIds(session.key);
  return {
    pendingInputs: {
      items: pending.map((record) => ({
        id: record.runId,
        runId: record.runId,
        message: {
          role: "user",
          content: text(textOf(record.request)),
          timestamp: record.acceptedAt,
        },
        acceptedAt: record.acceptedAt,
        state: "queued" as const,
      })),
      total: pending.length,
    },
    sessionInfo: shownSession(session, services),
    ...(runId !== undefined && { inFlightRun: inFlightRun(runId, services) }),
  };
}

/** `seq` is that of the last `chat` event: what comes after it is not in here yet. */
function inFlightRun(runId: string, { inFlight, turns }: GatewayServices) {
  const last = inFlight.last(runId);
  const message = last?.state === "delta" ? (last.message as { content: { text?: string }[] }) : undefined;
  const startedAt = turns.journal.find(runId)?.startedAt;
  return {
    runId,
    ...(startedAt !== undefined && { startedAt }),
    ...(last && { seq: last.seq, phase: last.phase ?? "streaming" }),
    text: message?.content.map(({ text = "" }) => text).join("") ?? "",
    ...(message && { message }),
  };
}

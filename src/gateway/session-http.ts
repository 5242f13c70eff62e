import { defaultAgentId } from "../config/agents.ts";
import { parseCursor, readHistory } from "../sessions/history.ts";
import { parseSessionKey } from "../sessions/keys.ts";
import type { Session } from "../sessions/store.ts";
import { isAuthenticated } from "./bearer.ts";
import { sendJson } from "./respond.ts";
import { HttpRefusal, type RouteContext } from "./route.ts";
import type { GatewayServices } from "./services.ts";

const MAX_LIMIT = 1_000;
const PING_MS = 25_000;
/** Who does not read this much of a stream is not reading it. */
const MAX_UNREAD_BYTES = 1_048_576;
const MAX_STREAMS = 64;
let streams = 0;

/** A page of a transcript, or, where an event stream is accepted, that page and every message that follows. */
export function showHistory(key: string, context: RouteContext): void {
  const { services, url, request, response } = context;
  const limit = whole(url.searchParams.get("limit"), 100);
  const cursor = url.searchParams.get("cursor");
  const beforeSeq = cursor === null ? undefined : parseCursor(cursor);
  if (cursor !== null && beforeSeq === undefined)
    throw new HttpRefusal(400, "invalid_request", "cursor: not a cursor of this gateway");
  const session = find(key, services);
  if (!session) throw notFound(key);

  const page = readHistory(services.turns.store.database, {
    sessionId: session.sessionId,
    limit,
    ...(beforeSeq !== undefined && { beforeSeq }),
  });
  const { messages, hasMore, nextCursor } = page;
  const about = { sessionKey: session.key, sessionId: session.sessionId };
  const body = { ...about, items: messages, messages, hasMore, ...(nextCursor && { nextCursor }) };
  const wantsStream = /\btext\/event-stream\b/.test(request.headers.accept ?? "");
  if (wantsStream) stream(session, body, context);
  else sendJson(response, 200, body);
}

function stream(session: Session, first: unknown, { services, request, response }: RouteContext): void {
  if (streams >= MAX_STREAMS)
    throw new HttpRefusal(503, "unavailable", "Too many open histories.", { "retry-after": "5" });
  streams++;
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    connection: "keep-alive",
  });
  const write = (text: string) => {
    // The secret that opened it may be void by now (AUTH-28).
    if (!isAuthenticated(request, services)) return void response.end();
    if (response.writableLength > MAX_UNREAD_BYTES) return void response.destroy();
    response.write(text);
  };
  write(`retry: 1000\n\nevent: history\ndata: ${JSON.stringify(first)}\n\n`);
  const following = services.inFlight.follow(session.key, (payload) =>
    write(`event: message\nid: ${payload.messageSeq}\ndata: ${JSON.stringify(payload)}\n\n`),
  );
  const ping = services.clock.every(PING_MS, () => write(": ping\n\n"));
  response.once("close", () => {
    streams--;
    following[Symbol.dispose]();
    ping[Symbol.dispose]();
  });
}

/** Ends what runs and waits in the session. */
export function killRuns(key: string, context: RouteContext): void {
  const session = find(key, context.services);
  if (!session) throw notFound(key);
  const killed = context.services.turns.lanes.abort(session.key, undefined, "killed by an HTTP request");
  sendJson(context.response, 200, { ok: true, killed: killed.length > 0 });
}

function find(key: string, { loaded, turns }: GatewayServices): Session | undefined {
  const parsed = parseSessionKey(key, defaultAgentId(loaded.config));
  return parsed && turns.store.find(parsed.text);
}

function notFound(key: string): HttpRefusal {
  return new HttpRefusal(404, "not_found", `Session not found: ${key.slice(0, 80)}`);
}

function whole(text: string | null, otherwise: number): number {
  if (text === null) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_LIMIT) return value;
  throw new HttpRefusal(400, "invalid_request", `limit: a whole number from 1 to ${MAX_LIMIT}`);
}

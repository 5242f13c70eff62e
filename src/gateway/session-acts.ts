import { defaultAgentId } from "../config/agents.ts";
import type { SessionRow } from "../protocol/entities.ts";
import { GatewayError } from "../protocol/errors.ts";
import type { Session } from "../sessions/store.ts";
import { requireKey } from "./fields.ts";
import type { GatewayServices } from "./services.ts";
import { rowOf } from "./session-rows.ts";

/** The session of this key; refuses where there is none. */
export function requireSession(
  text: string,
  agentId: string | undefined,
  services: GatewayServices,
): Session {
  const session = services.turns.store.find(requireKey(text, agentId, services).text);
  if (session) return session;
  throw noSession(text);
}

export function noSession(named: string): GatewayError {
  return new GatewayError("INVALID_REQUEST", `No session found: ${named.slice(0, 80)}`, {
    detail: "SESSION_NOT_FOUND",
    hint: "see which there are: openclaw sessions list",
  });
}

export function shownSession(session: Session, { loaded, turns }: GatewayServices): SessionRow {
  return rowOf(session, defaultAgentId(loaded.config), turns);
}

/** Everybody who watches the list hears of it. */
export function announce(session: Session, reason: string, services: GatewayServices): void {
  services.broadcast.sessionsChanged(() => ({
    sessionKey: session.key,
    agentId: session.agentId,
    reason,
    ts: services.clock.now(),
    session: reason === "delete" ? null : shownSession(session, services),
  }));
}

/** A caller that looked at a session earlier changes only what it saw. */
export function requireSame(
  session: Session,
  {
    sessionId,
    revision,
    updatedAt,
  }: { sessionId?: string | undefined; revision?: string | undefined; updatedAt?: number | undefined },
): void {
  const same =
    (sessionId === undefined || sessionId === session.sessionId) &&
    (revision === undefined || revision === String(session.revision)) &&
    (updatedAt === undefined || updatedAt === session.updatedAt);
  if (same) return;
  throw new GatewayError("INVALID_REQUEST", `session ${session.key} changed since it was read`, {
    detail: "SESSION_CHANGED",
    hint: "read it again and repeat",
  });
}

const STOP_WAIT_MS = 10_000;

/** Ends what runs and waits in a session, so that nothing writes to it afterwards. */
export async function endRuns(session: Session, reason: string, { turns }: GatewayServices): Promise<void> {
  const { lanes, waits } = turns;
  const runIds = lanes.abort(session.key, undefined, reason);
  await Promise.all(runIds.map((runId) => waits.wait(runId, STOP_WAIT_MS)));
  if (lanes.abort(session.key, undefined, reason).length === 0) return;
  throw new GatewayError("UNAVAILABLE", `Session ${session.key} is still active; try again in a moment.`, {
    retryable: true,
    retryAfterMs: 1_000,
  });
}

import { randomUUID } from "node:crypto";
import type { Database } from "../platform/sqlite.ts";
import { type SessionKey, sessionKey } from "./keys.ts";

/** Calls that name no user and no session each get one of their own. So many are kept for a look back (DOS-23). */
export const KEPT_STATELESS = 1_000;
/** They are cleared away so many at a time, not with each call. */
const CLEAR_EVERY = 100;

const NAMESPACE = "openai";

/** A session for one call and nothing after it. */
export function statelessKey(agentId: string): SessionKey {
  return sessionKey(agentId, `${NAMESPACE}:${randomUUID()}`);
}

/** Tells it of each new session; now and then it removes the oldest stateless ones, with their messages and turns. */
export function openStatelessQuota(database: Database): (added: SessionKey) => void {
  // A gateway that is restarted often clears too.
  let added = CLEAR_EVERY - 1;
  return ({ rest }) => {
    if (!rest.startsWith(`${NAMESPACE}:`) || ++added < CLEAR_EVERY) return;
    added = 0;
    database
      .prepare(
        `DELETE FROM sessions WHERE key IN (
           SELECT key FROM sessions WHERE substr(key, length('agent:') + length(agent_id) + 1) GLOB ':${NAMESPACE}:*'
           ORDER BY updated_at DESC LIMIT -1 OFFSET ?)
         AND NOT EXISTS (SELECT 1 FROM turns WHERE session_key = key AND state IN ('accepted', 'running'))`,
      )
      .run(KEPT_STATELESS);
  };
}

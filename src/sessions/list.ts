import type { Database } from "../platform/sqlite.ts";
import { type Session, toSession } from "./session.ts";

export interface SessionQuery {
  limit: number;
  offset: number;
  agentId?: string;
  /** Part of the key, the name or the first message. */
  search?: string;
  label?: string;
  /** Used since then. Epoch milliseconds. */
  since?: number;
  /** Whether archived ones are wanted: only they, or they as well. */
  archived?: "no" | "only" | "too";
}

const WHERE = `WHERE (?1 IS NULL OR agent_id = ?1)
  AND (?2 IS NULL OR instr(lower(key || ' ' || ifnull(label, '') || ' ' || ifnull(title, '')), ?2) > 0)
  AND (?3 IS NULL OR label = ?3)
  AND (?4 IS NULL OR updated_at >= ?4)
  AND (?5 = 'too' OR (archived_at IS NOT NULL) = (?5 = 'only'))`;

/** The most recently used first, and how many there are in all. */
export function listSessions(database: Database, query: SessionQuery): { rows: Session[]; total: number } {
  const { limit, offset, agentId, search, label, since, archived = "no" } = query;
  const filter = [agentId ?? null, search?.toLowerCase() ?? null, label ?? null, since ?? null, archived];
  const rows = database
    .prepare(`SELECT * FROM sessions ${WHERE} ORDER BY updated_at DESC, key LIMIT ?6 OFFSET ?7`)
    .all(...filter, limit, offset)
    .map(toSession);
  const { n } = database.prepare(`SELECT count(*) AS n FROM sessions ${WHERE}`).get(...filter) as {
    n: number;
  };
  return { rows, total: n };
}

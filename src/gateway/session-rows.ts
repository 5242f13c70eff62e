import type { SessionRow } from "../protocol/entities.ts";
import { sessionRow } from "../sessions/row.ts";
import type { Session } from "../sessions/store.ts";
import type { TurnServices } from "../turn/services.ts";

/** A session as clients list it, with what its newest turn is doing. */
export function rowOf(
  session: Session,
  defaultAgentId: string,
  { journal, lanes }: TurnServices,
): SessionRow {
  const mainKey = `agent:${defaultAgentId}:main`;
  return sessionRow(session, mainKey, journal.lastOf(session.key), lanes.activeRunIds(session.key));
}

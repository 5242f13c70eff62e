import * as v from "valibot";
import { readHistory } from "../../../sessions/history.ts";
import { SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { requireSession } from "../../session-acts.ts";

/** The newest messages of a session and nothing else. */
export default defineMethod({
  name: "sessions.get",
  scope: "operator.read",
  hidden: true,
  params: v.object({
    key: SessionKeyText,
    agentId: v.optional(v.string()),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 200),
  }),
  run({ key, agentId, limit }, { services }) {
    const { sessionId } = requireSession(key, agentId, services);
    return { messages: readHistory(services.turns.store.database, { sessionId, limit }).messages };
  },
});

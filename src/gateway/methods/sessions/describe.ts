import * as v from "valibot";
import { requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { shownSession } from "../../session-acts.ts";

/** One session as `sessions.list` shows it, or null. */
export default defineMethod({
  name: "sessions.describe",
  scope: "operator.read",
  params: v.object({ key: SessionKeyText, agentId: v.optional(v.string()) }),
  run({ key, agentId }, { services }) {
    const session = services.turns.store.find(requireKey(key, agentId, services).text);
    return { session: session ? shownSession(session, services) : null };
  },
});

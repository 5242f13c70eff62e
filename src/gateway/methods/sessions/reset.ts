import * as v from "valibot";
import { resetSession } from "../../../sessions/change.ts";
import { SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { announce, endRuns, requireSession, shownSession } from "../../session-acts.ts";

/** The conversation begins anew; what was said is kept and no longer part of it. A running turn is stopped. */
export default defineMethod({
  name: "sessions.reset",
  scope: "operator.admin",
  params: v.object({
    key: SessionKeyText,
    agentId: v.optional(v.string()),
    reason: v.optional(v.picklist(["new", "reset"]), "reset"),
  }),
  async run({ key, agentId, reason }, { services }) {
    const { store } = services.turns;
    const before = requireSession(key, agentId, services);
    await endRuns(before, "session reset", services);
    const session = resetSession(
      store,
      requireSession(before.key, undefined, services),
      services.clock.now(),
    );
    announce(session, reason, services);
    return { ok: true, key: session.key, entry: shownSession(session, services) };
  },
});

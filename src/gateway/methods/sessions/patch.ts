import * as v from "valibot";
import { identifier, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { announce, requireSame, requireSession, shownSession } from "../../session-acts.ts";
import { NotActedOn, patchSession, resolvedModel, SessionPatchFields } from "../../session-patch.ts";

/** Names, marks and settings of one session. */
export default defineMethod({
  name: "sessions.patch",
  scope: "operator.write",
  params: v.object({
    key: SessionKeyText,
    agentId: v.optional(v.string()),
    expectedSessionId: v.optional(identifier),
    expectedLifecycleRevision: v.optional(identifier),
    expectedMarkedUnreadAt: v.nullish(v.number()),
    ...SessionPatchFields,
    ...NotActedOn,
  }),
  async run(params, { services }) {
    const { key, agentId, expectedSessionId, expectedLifecycleRevision, expectedMarkedUnreadAt } = params;
    const before = requireSession(key, agentId, services);
    requireSame(before, { sessionId: expectedSessionId, revision: expectedLifecycleRevision });
    const patch = { ...params };
    // Who marks as read what they saw does not undo a mark that came later.
    if (expectedMarkedUnreadAt !== undefined && (before.markedUnreadAt ?? null) !== expectedMarkedUnreadAt)
      patch.unread = undefined;
    const session = await patchSession(before, patch, services);
    announce(session, "patch", services);
    return {
      ok: true,
      path: services.turns.store.database.path,
      key: session.key,
      entry: shownSession(session, services),
      resolved: await resolvedModel(session, services),
    };
  },
});

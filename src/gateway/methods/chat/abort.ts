import * as v from "valibot";
import { requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** Stops one run of a session, or all of its waiting and running ones. */
export default defineMethod({
  name: "chat.abort",
  scope: "operator.write",
  params: v.object({
    sessionKey: SessionKeyText,
    runId: v.optional(v.string()),
    agentId: v.optional(v.string()),
  }),
  run({ sessionKey, runId, agentId }, { services }) {
    const key = requireKey(sessionKey, agentId, services);
    const runIds = services.turns.lanes.abort(key.text, runId, "rpc");
    return { ok: true, aborted: runIds.length > 0, runIds };
  },
});

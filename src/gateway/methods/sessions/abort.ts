import * as v from "valibot";
import { GatewayError } from "../../../protocol/errors.ts";
import { IdempotencyKey, requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** Stops the running turn of a session, with `clearQueued` also those that wait behind it; or one run by its id. */
export default defineMethod({
  name: "sessions.abort",
  scope: "operator.write",
  params: v.object({
    key: v.optional(SessionKeyText),
    runId: v.optional(IdempotencyKey),
    agentId: v.optional(v.string()),
    clearQueued: v.optional(v.boolean(), false),
  }),
  run({ key, runId, agentId, clearQueued }, { services }) {
    const { lanes, journal } = services.turns;
    const lane =
      key === undefined ? runId && journal.find(runId)?.sessionKey : requireKey(key, agentId, services).text;
    if (key === undefined && runId === undefined) {
      throw new GatewayError("INVALID_REQUEST", "invalid sessions.abort params: key or runId is needed");
    }
    const one = runId ?? (lane && lanes.activeRunIds(lane)[0]);
    const reached = lane && (clearQueued || one) ? lanes.abort(lane, clearQueued ? runId : one, "rpc") : [];
    return {
      ok: true,
      abortedRunId: reached[0] ?? null,
      status: reached.length > 0 ? ("aborted" as const) : ("no-active-run" as const),
    };
  },
});

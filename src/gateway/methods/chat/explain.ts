import * as v from "valibot";
import { GatewayError } from "../../../protocol/errors.ts";
import { IdempotencyKey } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** The whole way of one message: received, admitted, queued, asked of models and tools, answered, kept. */
export default defineMethod({
  name: "chat.explain",
  scope: "operator.read",
  params: v.object({ id: IdempotencyKey }),
  async run({ id }, { services }) {
    const { trailOf } = await import("../../trail.ts");
    const trail = trailOf(id, services);
    if (trail) return trail;
    throw new GatewayError("INVALID_REQUEST", `nothing is on record about ${id.slice(0, 80)}`, {
      detail: "RUN_NOT_FOUND",
      hint: "an id is that of a run or of a message, as `openclaw sessions show` and the log name them",
    });
  },
});

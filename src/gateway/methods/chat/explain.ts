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
    const { trailOfMessage } = await import("../../channels/channel-trail.ts");
    const trail = trailOfMessage(id, services);
    if (trail) return trail;
    throw new GatewayError("INVALID_REQUEST", `nothing is on record about ${id.slice(0, 80)}`, {
      detail: "RUN_NOT_FOUND",
      hint: "an id is that of a run, of a message here or in a chat app, or of the outbox, as the log names them",
    });
  },
});

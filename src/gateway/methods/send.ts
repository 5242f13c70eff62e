import * as v from "valibot";
import { DEFAULT_WAIT_MS, deliverRequest, requireDelivered } from "../channels/deliver-request.ts";
import { IdempotencyKey, identifier } from "../fields.ts";
import { defineMethod } from "../method.ts";

const Target = v.pipe(v.string(), v.nonEmpty(), v.maxLength(512));

/** A message to somebody in a chat app. "Sent" is said with the platform's id of it, and never else. */
export default defineMethod({
  name: "send",
  scope: "operator.write",
  params: v.object({
    to: Target,
    idempotencyKey: IdempotencyKey,
    message: v.optional(v.string(), ""),
    mediaUrl: v.optional(v.string()),
    mediaUrls: v.optional(v.pipe(v.array(v.string()), v.maxLength(16))),
    buffer: v.optional(v.string()),
    filename: v.optional(v.string()),
    channel: v.optional(identifier),
    accountId: v.optional(identifier),
    threadId: v.optional(Target),
    replyToId: v.optional(Target),
    silent: v.optional(v.boolean()),
  }),
  async run({ message, ...params }, { services }) {
    return requireDelivered(
      await deliverRequest({ ...params, text: message, waitMs: DEFAULT_WAIT_MS }, services),
    );
  },
});

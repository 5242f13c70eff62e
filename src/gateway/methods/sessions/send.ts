import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { Attachments } from "../../attachments.ts";
import { IdempotencyKey, RunTimeoutMs, SessionKeyText, ThinkingLevel } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { sendChat } from "../../send-chat.ts";

/** `chat.send` for callers that keep no keys of their own. */
export default defineMethod({
  name: "sessions.send",
  scope: "operator.write",
  params: v.object({
    key: SessionKeyText,
    message: v.string(),
    idempotencyKey: v.optional(IdempotencyKey),
    agentId: v.optional(v.string()),
    attachments: Attachments,
    thinking: ThinkingLevel,
    timeoutMs: RunTimeoutMs,
  }),
  run: ({ key, idempotencyKey, ...message }, context) =>
    sendChat(
      {
        method: "sessions.send",
        ...message,
        sessionKey: key,
        idempotencyKey: idempotencyKey ?? randomUUID(),
      },
      context,
    ),
});

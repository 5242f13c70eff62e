import * as v from "valibot";
import { Attachments } from "../../attachments.ts";
import { RunTimeoutMs, ThinkingLevel } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { sendChat } from "../../send-chat.ts";

/** Sends a message to a session's agent; the reply arrives as `chat` events (protocol.md §10.1). */
export default defineMethod({
  name: "chat.send",
  scope: "operator.write",
  params: v.object({
    // Clients know the answers to a missing target and a missing key by their own words.
    sessionKey: v.optional(v.string(), ""),
    message: v.string(),
    idempotencyKey: v.optional(v.string(), ""),
    agentId: v.optional(v.string()),
    attachments: Attachments,
    thinking: ThinkingLevel,
    timeoutMs: RunTimeoutMs,
    queueMode: v.optional(v.picklist(["steer", "followup", "collect", "interrupt"]), "followup"),
  }),
  run: (message, context) => sendChat({ method: "chat.send", ...message }, context),
});

import * as v from "valibot";
import { readMessage } from "../../../../sessions/history.ts";
import { identifier, SessionKeyText } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";
import { requireSession } from "../../../session-acts.ts";

/** One whole message, for a reader who was shown the beginning of it. */
export default defineMethod({
  name: "chat.message.get",
  scope: "operator.read",
  params: v.object({
    sessionKey: SessionKeyText,
    agentId: v.optional(v.string()),
    messageId: identifier,
    maxChars: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2_000_000)), 2_000_000),
  }),
  run({ sessionKey, agentId, messageId, maxChars }, { services }) {
    const { sessionId } = requireSession(sessionKey, agentId, services);
    const message = readMessage(services.turns.store.database, sessionId, messageId);
    if (!message) return { ok: false as const, unavailableReason: "not_found" as const };
    const chars = message.content.reduce(
      (sum, block) => sum + (block.type === "text" ? block.text.length : 0),
      0,
    );
    if (chars > maxChars) return { ok: false as const, unavailableReason: "oversized" as const };
    return { ok: true as const, message };
  },
});

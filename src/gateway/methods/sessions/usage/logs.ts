import * as v from "valibot";
import { textOf } from "../../../../protocol/messages.ts";
import { readHistory } from "../../../../sessions/history.ts";
import { SessionKeyText } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";
import { requireSession } from "../../../session-acts.ts";

const MAX_CHARS = 2_000;

/** The newest messages of one session with the tokens of each reply. */
export default defineMethod({
  name: "sessions.usage.logs",
  scope: "operator.read",
  hidden: true,
  params: v.object({
    key: SessionKeyText,
    agentId: v.optional(v.string()),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 200),
  }),
  run({ key, agentId, limit }, { services }) {
    const { sessionId } = requireSession(key, agentId, services);
    const { messages } = readHistory(services.turns.store.database, { sessionId, limit });
    const logs = messages.map((message) => ({
      timestamp: message.timestamp,
      role: message.role,
      content: textOf(message).slice(0, MAX_CHARS),
      ...(message.usage && { tokens: message.usage.totalTokens }),
    }));
    return { logs };
  },
});

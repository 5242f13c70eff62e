import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { GatewayError } from "../../../protocol/errors.ts";
import { type TranscriptMessage, text } from "../../../protocol/messages.ts";
import { requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { announce, noSession } from "../../session-acts.ts";

/** Puts words into a transcript that no model said; everybody who watches sees them as a reply. */
export default defineMethod({
  name: "chat.inject",
  scope: "operator.admin",
  hidden: true,
  params: v.object({
    sessionKey: SessionKeyText,
    agentId: v.optional(v.string()),
    message: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_000_000)),
    label: v.optional(v.pipe(v.string(), v.maxLength(100))),
  }),
  run({ sessionKey, agentId, message, label }, { services }) {
    const { turns, clock } = services;
    const { store, lanes, publish } = turns;
    const key = requireKey(sessionKey, agentId, services);
    const session = store.find(key.text);
    if (!session) throw noSession(sessionKey);
    if (lanes.activeRunIds(session.key).length > 0) {
      // Between a tool call and its result it would tear the turn apart.
      throw new GatewayError(
        "UNAVAILABLE",
        `session ${session.key} is answering; try again when it is done`,
        {
          retryable: true,
          retryAfterMs: 1_000,
        },
      );
    }
    const said: TranscriptMessage = {
      role: "assistant",
      content: text(label ? `[${label}]\n\n${message}` : message),
      timestamp: clock.now(),
      provider: "openclaw",
      model: "gateway-injected",
      stopReason: "stop",
    };
    const stored = store.database.transaction(() => store.append(session, said, undefined), {
      durable: true,
    });
    const { id: messageId, seq: messageSeq } = stored.__openclaw;
    const runId = `inject-${randomUUID()}`;
    const audience = { sessionKey: session.key, runId, originConnId: undefined };
    const about = { sessionKey: session.key, agentId: session.agentId };
    publish("session.message", audience, () => ({ ...about, message: stored, messageId, messageSeq }));
    publish("chat", audience, () => ({ runId, ...about, seq: 0, state: "final", message: stored }));
    services.inFlight.ended(runId);
    announce(session, "inject", services);
    return { ok: true, messageId };
  },
});

import * as v from "valibot";
import { takeTurn } from "../../../turn/turn.ts";
import { Attachments, imagesOf } from "../../attachments.ts";
import { RunTimeoutMs, requireIdempotencyKey, requireTarget } from "../../fields.ts";
import { acceptedOrThrow, limitRun } from "../../intake.ts";
import { defineMethod } from "../../method.ts";

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
    timeoutMs: RunTimeoutMs,
    queueMode: v.optional(v.picklist(["steer", "followup", "collect", "interrupt"]), "followup"),
  }),
  run({ sessionKey, message, idempotencyKey, agentId, attachments, timeoutMs, queueMode }, context) {
    const { services, connection } = context;
    const target = requireTarget(sessionKey, "chat.send");
    const taken = takeTurn(
      {
        surface: "chat.send",
        runId: requireIdempotencyKey(idempotencyKey, "chat.send"),
        sessionKey: target,
        agentId,
        text: message,
        images: imagesOf(attachments),
        // Collecting several messages into one turn and queueing them differ only in how many turns are paid for.
        queueMode: queueMode === "collect" ? "followup" : queueMode,
        model: undefined,
        extraSystemPrompt: undefined,
        originConnId: connection.id,
        resumable: true,
      },
      services.turns,
    );
    if (taken.kind === "duplicate") {
      const { runId, state } = taken.record;
      if (state === "accepted" || state === "running") return { runId, status: "in_flight" };
      return { runId, status: state === "ok" || state === "merged" ? "ok" : "error" };
    }
    const accepted = acceptedOrThrow(taken, "chat.send");
    connection.ownKeys.add(accepted.sessionKey);
    if (timeoutMs !== undefined) limitRun(accepted, timeoutMs, services);
    return { runId: accepted.runId, status: "started" };
  },
});

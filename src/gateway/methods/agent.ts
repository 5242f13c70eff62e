import * as v from "valibot";
import { takeTurn } from "../../turn/turn.ts";
import { Attachments, imagesOf } from "../attachments.ts";
import { commandRights } from "../command-rights.ts";
import { IdempotencyKey, RunTimeoutSeconds, requireSessionKey, ThinkingLevel } from "../fields.ts";
import { acceptedOrThrow, limitRun } from "../intake.ts";
import { defineMethod } from "../method.ts";
import { finalPayload, finalPayloadOfRecord } from "../run-result.ts";

/** Longer than any run: its own deadlines end it. */
const MAX_WAIT_MS = 3_600_000;

/** Runs the agent once and answers twice with the same id: accepted, then the end (protocol.md §10.2). */
export default defineMethod({
  name: "agent",
  scope: "operator.write",
  params: v.object({
    message: v.string(),
    idempotencyKey: IdempotencyKey,
    agentId: v.optional(v.string()),
    sessionKey: v.optional(v.string()),
    sessionId: v.optional(v.string()),
    timeout: RunTimeoutSeconds,
    model: v.optional(v.string()),
    thinking: ThinkingLevel,
    extraSystemPrompt: v.optional(v.pipe(v.string(), v.maxLength(100_000))),
    attachments: Attachments,
  }),
  async run(params, { services, connection, accepted }) {
    const { sessionKey: named, sessionId } = params;
    const target = named ?? (sessionId === undefined ? "main" : requireSessionKey(sessionId, services));
    const taken = takeTurn(
      {
        surface: "agent",
        runId: params.idempotencyKey,
        sessionKey: target,
        agentId: params.agentId,
        text: params.message,
        images: imagesOf(params.attachments),
        queueMode: "followup",
        model: params.model,
        thinking: params.thinking,
        extraSystemPrompt: params.extraSystemPrompt,
        commands: commandRights(connection),
        originConnId: connection.id,
        resumable: true,
      },
      services.turns,
    );
    if (taken.kind === "duplicate") {
      const { runId, sessionKey, acceptedAt, endedAt } = taken.record;
      accepted({ runId, sessionKey, status: "accepted", acceptedAt });
      if (endedAt !== undefined) return finalPayloadOfRecord(taken.record);
      const outcome = await services.turns.waits.wait(runId, MAX_WAIT_MS);
      return outcome
        ? finalPayload(outcome)
        : finalPayloadOfRecord(services.turns.journal.find(runId) ?? taken.record);
    }
    const turn = acceptedOrThrow(taken, "agent");
    connection.ownKeys.add(turn.sessionKey);
    const { runId, sessionKey, agentId, acceptedAt } = turn;
    if (params.timeout !== undefined) limitRun(turn, params.timeout * 1_000, services);
    accepted({ runId, sessionKey, agentId, status: "accepted", acceptedAt });
    return finalPayload(await turn.done);
  },
});

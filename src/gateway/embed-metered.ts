import { randomUUID } from "node:crypto";
import { failed } from "../agent/call-failure.ts";
import { costOf } from "../agent/cost.ts";
import { type EmbeddingAnswer, type EmbeddingCall, embed } from "../agent/embeddings.ts";
import { NO_USAGE } from "../protocol/messages.ts";
import { statelessKey } from "../sessions/stateless.ts";
import { overBudget } from "../turn/budget.ts";
import type { GatewayServices } from "./services.ts";

/** Vectors of texts, within the agent's budget; the call is on its bill, also one that fails. */
export async function embedMetered(
  { agentId, ...call }: EmbeddingCall & { agentId: string },
  { clock, outbound, turns }: GatewayServices,
  signal: AbortSignal,
): Promise<EmbeddingAnswer> {
  const { target } = call;
  const agent = turns.agents().find(({ id }) => id === agentId);
  const refusal = agent && overBudget(agent, turns.modelCalls, clock.now());
  if (refusal !== undefined) return { kind: "failed", failure: failed("budget", refusal, target) };
  const startedAt = clock.now();
  const answer = await embed(call, { outbound, clock }, signal);
  const inputTokens = answer.kind === "done" ? answer.inputTokens : 0;
  const usage = { ...NO_USAGE, input: inputTokens, totalTokens: inputTokens };
  const cost = costOf(usage, target);
  turns.modelCalls.add({
    runId: `embed-${randomUUID()}`,
    sessionKey: statelessKey(agentId).text,
    agentId,
    at: startedAt,
    durationMs: clock.now() - startedAt,
    provider: target.provider,
    model: target.model,
    key: 1,
    purpose: "embedding",
    outcome: answer.kind === "done" ? "ok" : answer.failure.failure,
    usage,
    ...(cost !== undefined && { cost }),
    ...(answer.kind === "failed" && { message: answer.failure.message, action: "stop" }),
  });
  return answer;
}

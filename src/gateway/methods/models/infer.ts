import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { callBare } from "../../../agent/bare-call.ts";
import { defaultAgentId } from "../../../config/agents.ts";
import { Fault } from "../../../platform/fault.ts";
import { GatewayError } from "../../../protocol/errors.ts";
import { statelessKey } from "../../../sessions/stateless.ts";
import { overBudget } from "../../../turn/budget.ts";
import { defineMethod } from "../../method.ts";
import { requireAgent } from "../../require-agent.ts";

/** One bare model call, on the bill of the default agent like every other. */
export default defineMethod({
  name: "models.infer",
  scope: "operator.write",
  params: v.object({
    model: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(512))),
    prompt: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_000_000)),
    system: v.optional(v.pipe(v.string(), v.maxLength(1_000_000))),
    temperature: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2))),
    maxTokens: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  }),
  async run({ model, prompt, system, temperature, maxTokens }, { services, connection }) {
    const { turns, clock } = services;
    const agent = requireAgent(defaultAgentId(services.loaded.config), services);
    const over = overBudget(agent, turns.modelCalls, clock.now());
    if (over) throw new GatewayError("INVALID_REQUEST", over, { detail: "OVER_BUDGET" });
    const { target, provider } = await chosen();
    const startedAt = clock.now();
    const answer = await callBare(
      { target, prompt, system, temperature, maxTokens },
      { provider, clock },
      connection.ended,
    );
    turns.modelCalls.add({
      runId: `infer-${randomUUID()}`,
      sessionKey: statelessKey(agent.id).text,
      agentId: agent.id,
      at: startedAt,
      durationMs: answer.durationMs,
      provider: target.provider,
      model: target.model,
      key: 1,
      purpose: "infer",
      outcome: answer.failure ?? "ok",
      usage: answer.usage,
      ...(answer.cost !== undefined && { cost: answer.cost }),
      ...(answer.error !== undefined && { message: answer.error, action: "stop" }),
    });
    return answer;

    async function chosen() {
      try {
        const [target] = (await turns.chooseModel(agent, model)).targets;
        const provider = turns.provider(target.api);
        if (provider) return { target, provider };
        throw new GatewayError("INVALID_REQUEST", `this version does not speak api "${target.api}"`);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        throw new GatewayError("INVALID_REQUEST", error.message, {
          detail: "MODEL_UNUSABLE",
          ...(error.fix !== undefined && { hint: error.fix }),
        });
      }
    }
  },
});

import * as v from "valibot";
import { embeddingTarget } from "../../../agent/embeddings.ts";
import { withConfiguredVariables } from "../../../agent/model-keys.ts";
import { defaultAgentId } from "../../../config/agents.ts";
import { Fault } from "../../../platform/fault.ts";
import { GatewayError } from "../../../protocol/errors.ts";
import { embedMetered } from "../../embed-metered.ts";
import { defineMethod } from "../../method.ts";

const Text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_000_000));

/** Vectors of texts, by the model named or by that of the config. */
export default defineMethod({
  name: "models.embed",
  scope: "operator.write",
  params: v.object({
    input: v.pipe(v.array(Text), v.minLength(1), v.maxLength(256)),
    model: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(512))),
    dimensions: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536))),
  }),
  async run({ input, model, dimensions }, { services, connection }) {
    const { loaded, env } = services;
    const agentId = defaultAgentId(loaded.config);
    const target = targetOf();
    const call = { target, input, agentId, ...(dimensions !== undefined && { dimensions }) };
    const answer = await embedMetered(call, services, connection.ended);
    const about = { provider: target.provider, model: target.model };
    if (answer.kind === "failed") {
      const { failure, message } = answer.failure;
      return { ok: false as const, ...about, failure, error: message };
    }
    return { ok: true as const, ...about, vectors: answer.vectors, inputTokens: answer.inputTokens };

    function targetOf() {
      try {
        return embeddingTarget(model, loaded.config, withConfiguredVariables(env, loaded.config));
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

import * as v from "valibot";
import { embeddingTarget } from "../../agent/embeddings.ts";
import { withConfiguredVariables } from "../../agent/model-keys.ts";
import type { ModelTarget } from "../../agent/provider.ts";
import { Fault } from "../../platform/fault.ts";
import { embedMetered } from "../embed-metered.ts";
import { sendJson } from "../respond.ts";
import { HttpRefusal, type RouteContext } from "../route.ts";
import type { GatewayServices } from "../services.ts";
import { refusalOfFailure } from "./agent-reply.ts";
import { agentOf, header, parseBody } from "./agent-request.ts";
import { agentsOf } from "./take.ts";

const Text = v.pipe(v.string(), v.minLength(1), v.maxLength(1_000_000));
const Body = v.object({
  model: v.optional(v.string(), "openclaw"),
  input: v.union([Text, v.pipe(v.array(Text), v.minLength(1), v.maxLength(2_048))], "Invalid input"),
  encoding_format: v.nullish(v.picklist(["float", "base64"]), "float"),
  dimensions: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536))),
});

/** Vectors of texts, by the model the config names for them. */
export async function answerEmbeddings({
  services,
  request,
  response,
  signal,
  json,
}: RouteContext): Promise<void> {
  const body = parseBody(Body, await json());
  const agentId = agentOf(body.model, header(request.headers, "x-openclaw-agent-id"), agentsOf(services));
  const target = targetOf(header(request.headers, "x-openclaw-model"), services);
  const input = typeof body.input === "string" ? [body.input] : body.input;
  const answer = await embedMetered(
    { target, input, agentId, ...(body.dimensions && { dimensions: body.dimensions }) },
    services,
    signal,
  );
  if (answer.kind === "failed") {
    const { failure, message, retryAfterMs } = answer.failure;
    throw refusalOfFailure(failure, message, retryAfterMs);
  }
  sendJson(response, 200, {
    object: "list",
    data: answer.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: body.encoding_format === "base64" ? base64(vector) : vector,
    })),
    model: body.model,
    usage: { prompt_tokens: answer.inputTokens, total_tokens: answer.inputTokens },
  });
}

function targetOf(wish: string | undefined, { loaded, env }: GatewayServices): ModelTarget {
  try {
    return embeddingTarget(wish, loaded.config, withConfiguredVariables(env, loaded.config));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const words = [error.message, error.why, error.fix && `fix: ${error.fix}`].filter(Boolean).join(" — ");
    throw wish === undefined
      ? new HttpRefusal(503, "unavailable", words)
      : new HttpRefusal(400, "invalid_request_error", `x-openclaw-model: ${error.message}`);
  }
}

/** Little-endian 32-bit floats, as OpenAI packs them. */
function base64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString("base64");
}

import type { Config } from "../config/schema.ts";
import type { Clock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { type Outbound, OutboundError } from "../platform/outbound.ts";
import { isRecord } from "../protocol/frames.ts";
import { classifyAnswer, type FailedFinish, failed } from "./call-failure.ts";
import { DEADLINES } from "./exchange.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { keysFor } from "./model-keys.ts";
import { resolveModelRef } from "./model-ref.ts";
import { bearer, type ModelTarget } from "./provider.ts";
import { tokens } from "./reply-reader.ts";

export interface EmbeddingCall {
  target: ModelTarget;
  input: readonly string[];
  dimensions?: number;
}

export type EmbeddingAnswer =
  | { kind: "done"; vectors: number[][]; inputTokens: number }
  | { kind: "failed"; failure: FailedFinish };

/** Taken when a key is all that is known, in this order. */
const USUAL: Readonly<Record<string, string>> = {
  openai: "text-embedding-3-small",
  google: "gemini-embedding-001",
  mistral: "mistral-embed",
};
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * The config's wish (`memorySearch.provider` and `.model`), else the first provider with a key that has a model for it.
 * `wish` is a reference "provider/model". Throws a Fault where there is none.
 */
export function embeddingTarget(wish: string | undefined, config: Config, env: Env): ModelTarget {
  const { provider, model } = searchSettings(config);
  const configured =
    provider && (model ?? USUAL[provider]) ? `${provider}/${model ?? USUAL[provider]}` : undefined;
  const found = Object.entries(USUAL).find(([name]) => keysFor(name, config, env).length > 0);
  const ref = wish ?? configured ?? (found && `${found[0]}/${found[1]}`);
  if (ref) return resolveModelRef(ref, config, env);
  const names = Object.keys(USUAL).map((name) => KNOWN_PROVIDERS[name]!.envNames[0]);
  throw new Fault("no model for embeddings", {
    why: `none of ${names.join(", ")} is set, and agents.defaults.memorySearch names no provider and model`,
    fix: "openclaw config set models.providers.openai.apiKey <key>",
    exitCode: 78,
  });
}

function searchSettings(config: Config): { provider?: string; model?: string } {
  const settings = config.agents?.defaults?.memorySearch;
  if (!isRecord(settings)) return {};
  const { provider, model } = settings;
  return {
    ...(typeof provider === "string" && provider !== "auto" && { provider }),
    ...(typeof model === "string" && { model }),
  };
}

/** POST <baseUrl>/embeddings. Does not throw: what goes wrong is a value, as with `Provider.call`. */
export async function embed(
  { target, input, dimensions }: EmbeddingCall,
  { outbound, clock }: { outbound: Outbound; clock: Clock },
  signal: AbortSignal,
): Promise<EmbeddingAnswer> {
  const refuse = (failure: FailedFinish): EmbeddingAnswer => ({ kind: "failed", failure });
  try {
    const response = await outbound.request({
      url: `${target.baseUrl}/embeddings`,
      method: "POST",
      headers: { "content-type": "application/json", ...bearer(target), ...target.headers },
      body: JSON.stringify({
        model: target.model,
        input,
        encoding_format: "float",
        ...(dimensions !== undefined && { dimensions }),
      }),
      signal,
      deadlines: { ...DEADLINES, ...target.deadlines },
    });
    const { status, headers } = response;
    const body = await response.text(MAX_BODY_BYTES);
    if (status < 200 || status > 299) {
      return refuse(classifyAnswer({ status, headers, body }, target, clock.now()));
    }
    return read(body, input.length) ?? refuse(failed("malformed", "the answer holds no vectors", target));
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const { phase, message } = error;
    const failure = phase === "aborted" || phase === "network" ? phase : "timeout";
    return refuse(failed(failure, message, target));
  }
}

function read(body: string, count: number): EmbeddingAnswer | undefined {
  const answer = parse(body);
  if (!isRecord(answer) || !Array.isArray(answer.data) || answer.data.length !== count) return undefined;
  const vectors: number[][] = [];
  for (const [at, entry] of answer.data.entries()) {
    if (!isRecord(entry) || !Array.isArray(entry.embedding)) return undefined;
    vectors[typeof entry.index === "number" ? entry.index : at] = entry.embedding;
  }
  const usage = isRecord(answer.usage) ? answer.usage : {};
  return { kind: "done", vectors, inputTokens: tokens(usage.prompt_tokens ?? usage.total_tokens) };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

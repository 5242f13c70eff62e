import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import type { Outbound } from "../platform/outbound.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { probeLocalServers } from "./local-servers.ts";
import {
  DEMO,
  type ModelSettings,
  resolveModelRef,
  resolveModelTargets,
  SET_DEFAULT_MODEL,
} from "./model-ref.ts";
import type { ModelTarget } from "./provider.ts";

export { type ModelRef, parseModelRef, resolveModelRef } from "./model-ref.ts";

export interface ModelChoice {
  target: ModelTarget;
  source: "config" | "environment" | "local-server" | "demo";
  /** Where it was found: a config path, "OPENAI_API_KEY", "Ollama on 127.0.0.1:11434". */
  detail: string;
}

/** Who may answer a turn, in order, and which wishes of the config cannot be met. */
export interface ModelChain {
  targets: readonly [ModelTarget, ...ModelTarget[]];
  unusable: readonly { ref: string; why: string }[];
}

export interface DiscoverInput {
  config: Config;
  env: Env;
  outbound: Outbound;
  signal: AbortSignal;
  /** Ports by name of local server; only these are asked. Their usual ports where it is not given. */
  ports?: Readonly<Record<string, number>>;
}

/**
 * The model of an agent that names none: the configured default, else a key in the environment, else a model server
 * on this machine, else the built-in demo. Throws a Fault only when the configured default cannot be used.
 */
export async function discoverModel(input: DiscoverInput): Promise<ModelChoice> {
  const { config, env } = input;
  const configured = defaultModelRef(config);
  if (configured) {
    return {
      target: resolveModelRef(configured, config, env),
      source: "config",
      detail: "agents.defaults.model",
    };
  }
  for (const [provider, { envNames, defaultModel }] of Object.entries(KNOWN_PROVIDERS)) {
    const variable = envNames.find((name) => env.get(name));
    if (!variable) continue;
    const target = resolveModelRef(`${provider}/${defaultModel}`, config, env);
    return { target, source: "environment", detail: variable };
  }
  const server = await probeLocalServers(input);
  if (server) {
    const { provider, model, baseUrl, detail } = server;
    return {
      target: { provider, model, api: "openai-completions", baseUrl },
      source: "local-server",
      detail,
    };
  }
  return { target: DEMO, source: "demo", detail: "no key and no local model server found" };
}

/**
 * A model with all its keys, then the fallbacks with theirs. Throws a Fault when the first cannot be used; a fallback
 * that cannot be used is left out.
 */
export function resolveChain(
  primary: string,
  fallbacks: readonly string[],
  config: Config,
  env: Env,
  settings?: ModelSettings,
): ModelChain {
  const targets = resolveModelTargets(primary, config, env, settings);
  const unusable: { ref: string; why: string }[] = [];
  for (const ref of new Set(fallbacks)) {
    if (ref === primary) continue;
    try {
      targets.push(...resolveModelTargets(ref, config, env, settings));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      unusable.push({ ref, why: error.message });
    }
  }
  return { targets, unusable };
}

/** Two lines for people: which model and why, and how to change it. */
export function describeChoice({ target, source, detail }: ModelChoice): string[] {
  const name = `${target.provider}/${target.model}`;
  const change = `change it: ${SET_DEFAULT_MODEL}`;
  switch (source) {
    case "config":
      return [`model: ${name} (from ${detail})`, change];
    case "environment":
      return [`model: ${name} (found ${detail} in the environment)`, change];
    case "local-server":
      return [`model: ${name} (${detail})`, change];
    case "demo":
      return [
        `model: ${name}, a built-in demo and no language model (${detail})`,
        `use a real one: set OPENAI_API_KEY or ANTHROPIC_API_KEY, start Ollama, or ${SET_DEFAULT_MODEL}`,
      ];
  }
}

function defaultModelRef(config: Config): string | undefined {
  const model = config.agents?.defaults?.model;
  return typeof model === "string" ? model : model?.primary;
}

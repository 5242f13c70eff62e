import { withConfiguredVariables } from "../agent/model-keys.ts";
import { discoverModel, type ModelChoice, resolveChain } from "../agent/models.ts";
import type { ConfiguredAgent } from "../config/agents.ts";
import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import type { Outbound } from "../platform/outbound.ts";
import type { TurnServices } from "../turn/services.ts";

/** The default model: found, or set to something that cannot work. Then turns fail, and nothing else does. */
export type DefaultModel = { kind: "chosen"; choice: ModelChoice } | { kind: "unusable"; error: Error };

export interface ModelSelection {
  /** What it was made from. */
  config: Config;
  /** Settled once, shortly after it was made. Never rejects. */
  defaultModel: Promise<DefaultModel>;
  choose: TurnServices["chooseModel"];
}

interface ModelsInput {
  env: Env;
  outbound: Outbound;
  signal: AbortSignal;
  /** Nothing is looked for before. */
  ready: Promise<void>;
}

/** A turn's own wish, then its agent's model, then the default that was found when the config came into force. */
export function selectModels(config: Config, { env, outbound, signal, ready }: ModelsInput): ModelSelection {
  const keys = withConfiguredVariables(env, config);
  const defaultModel = ready
    .then(() => discoverModel({ config, env: keys, outbound, signal }))
    .then(
      (choice): DefaultModel => ({ kind: "chosen", choice }),
      (error: Error): DefaultModel => ({ kind: "unusable", error }),
    );
  return {
    config,
    defaultModel,
    async choose(agent: ConfiguredAgent, override: string | undefined) {
      // Who names a model for one turn wants that one.
      if (override) return resolveChain(override, [], config, keys, agent.settings);
      const { primary, fallbacks = [] } = agent.model ?? {};
      if (primary) return resolveChain(primary, fallbacks, config, keys, agent.settings);
      const found = await defaultModel;
      if (found.kind === "unusable") throw found.error;
      const { target, source } = found.choice;
      if (source === "local-server" || source === "demo") return { targets: [target], unusable: [] };
      return resolveChain(`${target.provider}/${target.model}`, fallbacks, config, keys, agent.settings);
    },
  };
}

/** What clients show as the default of a session; nulls where there is none. Tokens. */
export function sessionDefaults(found: DefaultModel): {
  modelProvider: string | null;
  model: string | null;
  contextTokens: number | null;
} {
  if (found.kind === "unusable") return { modelProvider: null, model: null, contextTokens: null };
  const { provider, model, contextWindow } = found.choice.target;
  return { modelProvider: provider, model, contextTokens: contextWindow ?? null };
}

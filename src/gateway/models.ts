import { discoverModel, type ModelChoice, resolveModelRef } from "../agent/models.ts";
import type { ConfiguredAgent } from "../config/agents.ts";
import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import type { Outbound } from "../platform/outbound.ts";
import type { TurnServices } from "../turn/services.ts";

export interface ModelSelection {
  /** What it was made from. */
  config: Config;
  /** Settled once, shortly after it was made. */
  defaultModel: Promise<ModelChoice>;
  choose: TurnServices["chooseModel"];
}

/** A turn's own wish, then its agent's model, then the default that was found when the config came into force. */
export function selectModels(
  config: Config,
  env: Env,
  outbound: Outbound,
  signal: AbortSignal,
): ModelSelection {
  const defaultModel = discoverModel({ config, env, outbound, signal });
  // A misconfigured default is reported by the start and by every turn that needs it; here it must not go unhandled.
  defaultModel.catch(() => {});
  return {
    config,
    defaultModel,
    async choose(agent: ConfiguredAgent, override: string | undefined) {
      const reference = override ?? agent.model?.primary;
      if (reference) return resolveModelRef(reference, config, env);
      return (await defaultModel).target;
    },
  };
}

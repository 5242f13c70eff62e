import { discoverModel, type ModelChoice, resolveModelRef } from "../agent/models.ts";
import type { ConfiguredAgent } from "../config/agents.ts";
import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import type { Outbound } from "../platform/outbound.ts";
import type { TurnServices } from "../turn/services.ts";

export interface ModelSelection {
  /** Settled once, shortly after the start. */
  defaultModel: Promise<ModelChoice>;
  choose: TurnServices["chooseModel"];
}

/** A turn's own wish, then its agent's model, then the default that was found at the start. */
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
    defaultModel,
    async choose(agent: ConfiguredAgent, override: string | undefined) {
      const reference = override ?? agent.model?.primary;
      if (reference) return resolveModelRef(reference, config, env);
      return (await defaultModel).target;
    },
  };
}

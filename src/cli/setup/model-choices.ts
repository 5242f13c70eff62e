import { KNOWN_PROVIDERS } from "../../agent/known-providers.ts";
import { probeLocalServers } from "../../agent/local-servers.ts";
import type { Config } from "../../config/schema.ts";
import type { Env } from "../../platform/env.ts";
import { createOutbound } from "../../platform/outbound.ts";
import { configuredModels } from "../configured-models.ts";

export interface ModelChoice {
  /** Undefined: leave it as it is. */
  model?: string;
  label: string;
  hint: string;
}

/**
 * What can be used here without another word, best first: what the config says, model servers of this machine, keys in the
 * environment. Asks loopback only.
 */
export async function modelChoices(
  { config, env }: { config: Config; env: Env },
  signal: AbortSignal,
  ports?: Readonly<Record<string, number>>,
): Promise<ModelChoice[]> {
  using outbound = createOutbound();
  const server = await probeLocalServers({ outbound, signal, ...(ports && { ports }) });
  const { primary } = configuredModels(config);
  return [
    ...(primary === undefined ? [] : [{ label: `${primary}`, hint: "as the config has it" }]),
    ...(server ? [{ ...named(`${server.provider}/${server.model}`), hint: server.detail }] : []),
    ...Object.entries(KNOWN_PROVIDERS).flatMap(([provider, { envNames, defaultModel }]) => {
      const variable = envNames.find((name) => env.get(name));
      return variable ? [{ ...named(`${provider}/${defaultModel}`), hint: `key in ${variable}` }] : [];
    }),
  ];
}

export const DEMO_CHOICE: ModelChoice = {
  ...named("demo/echo"),
  hint: "built in, to try the rest; no language model",
};

function named(model: string): { model: string; label: string } {
  return { model, label: model };
}

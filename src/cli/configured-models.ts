import type { Config } from "../config/schema.ts";

export interface ConfiguredModels {
  /** "provider/model" of `agents.defaults.model`. */
  primary?: string;
  /** The config path to set for another one; a list of fallbacks beside it stays. */
  primaryPath: string;
  fallbacks: string[];
  /** Everything listed under `models.providers`. */
  models: { provider: string; id: string }[];
}

export function configuredModels({ agents, models }: Config): ConfiguredModels {
  const chosen = agents?.defaults?.model;
  const { primary, fallbacks = [] } = typeof chosen === "string" ? { primary: chosen } : (chosen ?? {});
  return {
    ...(primary !== undefined && { primary }),
    primaryPath: typeof chosen === "string" ? "agents.defaults.model" : "agents.defaults.model.primary",
    fallbacks,
    models: Object.entries(models?.providers ?? {}).flatMap(([provider, entry]) =>
      (entry.models ?? []).map(({ id }) => ({ provider, id })),
    ),
  };
}

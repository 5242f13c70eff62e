import { withConfiguredVariables } from "../agent/model-keys.ts";
import { resolveModelRef } from "../agent/models.ts";
import type { Config } from "../config/schema.ts";
import type { CommandContext } from "./context.ts";

/** "provider/model" of a reference or an alias; throws the `Fault` that says what it would take to use it. */
export function usableModel(name: string, config: Config, { env }: CommandContext): string {
  const { provider, model } = resolveModelRef(name, config, withConfiguredVariables(env, config));
  return `${provider}/${model}`;
}

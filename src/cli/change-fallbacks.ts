import { updateConfig } from "../config/store.ts";
import { type ConfigChange, changeConfig } from "./change-config.ts";
import { configuredModels } from "./configured-models.ts";
import type { CommandContext } from "./context.ts";

/** A default model that is plain text becomes the pair of a model and its fallbacks. */
export async function changeFallbacks(
  change: (now: readonly string[]) => readonly string[],
  title: string,
  context: CommandContext,
): Promise<ConfigChange> {
  const { config } = await context.config();
  const { primary, fallbacks, primaryPath } = configuredModels(config);
  const wanted = change(fallbacks);
  const edit =
    primaryPath === "agents.defaults.model"
      ? { path: ["agents", "defaults", "model"], value: { primary, fallbacks: wanted } }
      : { path: ["agents", "defaults", "model", "fallbacks"], value: wanted.length > 0 ? wanted : undefined };
  return await changeConfig(
    { title, command: context.name, write: (input) => updateConfig({ ...input, edits: [edit] }) },
    context,
  );
}

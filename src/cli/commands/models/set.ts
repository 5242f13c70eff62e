import { parsePath } from "../../../config/path.ts";
import { updateConfig } from "../../../config/store.ts";
import { type ConfigChange, changeConfig, printChange } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";
import { configuredModels } from "../../configured-models.ts";
import { usableModel } from "../../model-choice.ts";

export default defineCommand({
  summary: "Choose the model that answers where nobody names another",
  description: [
    "One that cannot be used, for want of a key or an address, is refused and says what is missing.",
  ],
  positionals: { model: { summary: "provider/model, or an alias" } },
  options: { dryRun: { type: "boolean", summary: "show the difference, write nothing" } },
  examples: ["openclaw models set anthropic/claude-sonnet-5"],
  async run({ model, dryRun }, context): Promise<ConfigChange> {
    const { config } = await context.config();
    const ref = usableModel(model, config, context);
    const path = parsePath(configuredModels(config).primaryPath);
    return await changeConfig(
      {
        title: `Default model: ${ref}.`,
        command: `${context.name} ${ref}`,
        dryRun,
        write: (input) => updateConfig({ ...input, edits: [{ path, value: ref }] }),
      },
      context,
    );
  },
  render: printChange,
});

import { updateConfig } from "../../../../config/store.ts";
import { Fault } from "../../../../platform/fault.ts";
import { type ConfigChange, changeConfig, printChange } from "../../../change-config.ts";
import { defineCommand } from "../../../command.ts";

export default defineCommand({
  summary: "Take the key of a model service out of the config",
  positionals: { provider: { summary: "for example openai or anthropic" } },
  options: {},
  async run({ provider }, context): Promise<ConfigChange> {
    const { config } = await context.config();
    if (config.models?.providers?.[provider]?.apiKey === undefined) {
      throw new Fault(`the config has no key of ${provider}`, { fix: "openclaw models auth list" });
    }
    return await changeConfig(
      {
        title: `The key of ${provider} is gone from the config.`,
        keys: [`models.providers.${provider}.apiKey`],
        command: `${context.name} ${provider}`,
        write: (input) =>
          updateConfig({
            ...input,
            edits: [{ path: ["models", "providers", provider, "apiKey"], value: undefined }],
          }),
      },
      context,
    );
  },
  render: printChange,
});

import { aliasTable } from "../../../../agent/catalog.ts";
import { parseModelRef } from "../../../../agent/models.ts";
import { updateConfig } from "../../../../config/store.ts";
import { Fault } from "../../../../platform/fault.ts";
import { type ConfigChange, changeConfig, printChange } from "../../../change-config.ts";
import { defineCommand } from "../../../command.ts";

export default defineCommand({
  summary: "Give a model a short name",
  positionals: { alias: { summary: "the short name" }, model: { summary: "provider/model" } },
  options: {},
  examples: ["openclaw models aliases add fast openai/gpt-5.5-mini"],
  async run({ alias, model }, context): Promise<ConfigChange> {
    if (!parseModelRef(model)) {
      throw new Fault(`"${model}" is not a model reference`, {
        why: "a model is named <provider>/<model>",
        fix: "openclaw models list --all",
      });
    }
    if (!/^[\w.-]{1,64}$/.test(alias)) {
      throw new Fault(`"${alias}" cannot be a short name`, {
        why: "it has up to 64 letters, digits, dots, _ and -",
        fix: `openclaw models aliases add fast ${model}`,
      });
    }
    const { config } = await context.config();
    const taken = aliasTable(config).get(alias.toLowerCase());
    if (taken !== undefined && taken !== model) {
      throw new Fault(`${alias} is the short name of ${taken} already`, {
        fix: `openclaw models aliases remove ${alias}`,
      });
    }
    const path = ["agents", "defaults", "models", model, "alias"];
    return await changeConfig(
      {
        title: `${alias} is ${model}.`,
        command: context.name,
        write: (input) => updateConfig({ ...input, edits: [{ path, value: alias }] }),
      },
      context,
    );
  },
  render: printChange,
});

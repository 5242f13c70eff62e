import { updateConfig } from "../../../../config/store.ts";
import { Fault } from "../../../../platform/fault.ts";
import { type ConfigChange, changeConfig, printChange } from "../../../change-config.ts";
import { defineCommand } from "../../../command.ts";
import { readInput } from "../../../read-input.ts";

export default defineCommand({
  summary: "Keep the key of a model service in the config",
  description: [
    "The key is read from stdin, so that it stands in no list of processes and no history of a shell.",
    "At a terminal: paste it, press Enter, then Ctrl-D.",
  ],
  positionals: { provider: { summary: "for example openai or anthropic" } },
  options: {},
  examples: ["openclaw models auth set openai < key.txt"],
  async run({ provider }, context): Promise<ConfigChange> {
    if (process.stdin.isTTY) context.io.note(`Paste the key of ${provider}, then Enter and Ctrl-D:`);
    const key = (await readInput("-")).trim();
    if (key === "" || /\s/.test(key)) {
      throw new Fault(key === "" ? "no key came" : "that is no key: there is a blank in it", {
        fix: `openclaw models auth set ${provider} < <file with the key>`,
      });
    }
    return await changeConfig(
      {
        title: `The key of ${provider} is kept in the config.`,
        keys: [`models.providers.${provider}.apiKey`],
        command: `${context.name} ${provider}`,
        write: (input) =>
          updateConfig({
            ...input,
            edits: [{ path: ["models", "providers", provider, "apiKey"], value: key }],
          }),
      },
      context,
    );
  },
  render: printChange,
});

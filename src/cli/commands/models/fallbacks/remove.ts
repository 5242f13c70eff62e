import { Fault } from "../../../../platform/fault.ts";
import { printChange } from "../../../change-config.ts";
import { changeFallbacks } from "../../../change-fallbacks.ts";
import { defineCommand } from "../../../command.ts";

export default defineCommand({
  summary: "Take a model off the fallbacks",
  positionals: { model: { summary: "provider/model" } },
  options: {},
  async run({ model }, context) {
    const remove = (now: readonly string[]) => {
      if (now.includes(model)) return now.filter((ref) => ref !== model);
      throw new Fault(`${model} is none of the fallbacks`, { fix: "openclaw models fallbacks list" });
    };
    return await changeFallbacks(remove, `${model} is no fallback any more.`, context);
  },
  render: printChange,
});

import { printChange } from "../../../change-config.ts";
import { changeFallbacks } from "../../../change-fallbacks.ts";
import { defineCommand } from "../../../command.ts";
import { usableModel } from "../../../model-choice.ts";

export default defineCommand({
  summary: "Add a model that is asked when those before it fail",
  positionals: { model: { summary: "provider/model, or an alias" } },
  options: {},
  examples: ["openclaw models fallbacks add openai/gpt-5.5"],
  async run({ model }, context) {
    const ref = usableModel(model, (await context.config()).config, context);
    const add = (now: readonly string[]) => (now.includes(ref) ? now : [...now, ref]);
    return await changeFallbacks(add, `${ref} is asked when those before it fail.`, context);
  },
  render: printChange,
});

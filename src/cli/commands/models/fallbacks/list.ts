import { defineCommand } from "../../../command.ts";
import { configuredModels } from "../../../configured-models.ts";

export default defineCommand({
  summary: "Show the fallbacks in the order in which they are asked",
  options: {},
  async run(_args, context) {
    const { primary, fallbacks } = configuredModels((await context.config()).config);
    return { primary: primary ?? null, fallbacks };
  },
  render({ primary, fallbacks }, { io }) {
    if (fallbacks.length === 0) return io.out(`No fallbacks${primary ? ` behind ${primary}` : ""}.`);
    for (const [at, ref] of fallbacks.entries()) io.out(`${at + 1}. ${ref}`);
  },
});

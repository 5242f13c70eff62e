import { defineCommand } from "../../command.ts";
import { waitOption } from "../../wait-option.ts";

export default defineCommand({
  summary: "Start the installed service and wait until it is ready",
  description: [
    "Without a service: openclaw start runs in this terminal, openclaw restart in the background.",
  ],
  options: waitOption,
  examples: ["openclaw gateway start"],
  async run({ wait }, context) {
    const { startService } = await import("../../run-service.ts");
    await startService({ waitMs: wait }, context);
  },
});

import { defineCommand } from "../../command.ts";
import { restartGateway } from "../../restart-gateway.ts";
import { waitOption } from "../../wait-option.ts";

export default defineCommand({
  summary: "Restart the gateway or its service and wait until it is ready",
  description: ["Like openclaw restart, but starts nothing when nothing is installed or runs (exit code 1)."],
  options: waitOption,
  examples: ["openclaw gateway restart"],
  run: ({ wait }, context) => restartGateway({ waitMs: wait, whenStopped: "refuse" }, context),
});

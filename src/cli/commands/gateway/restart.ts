import { defineCommand } from "../../command.ts";
import { restartGateway } from "../../restart-gateway.ts";
import { restartOptions } from "../../restart-options.ts";

export default defineCommand({
  summary: "Restart the gateway or its service and wait until it is ready",
  description: ["Like openclaw restart, but starts nothing when nothing is installed or runs (exit code 1)."],
  options: restartOptions,
  examples: ["openclaw gateway restart"],
  run: ({ wait, safe, force }, context) =>
    restartGateway({ waitMs: wait, safe, force, whenStopped: "refuse" }, context),
});

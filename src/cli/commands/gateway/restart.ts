import { defineCommand } from "../../command.ts";
import { restartGateway } from "../../restart-gateway.ts";

export default defineCommand({
  summary: "Restart the running gateway and wait until it is ready",
  description: ["Like openclaw restart, but starts nothing when nothing runs (exit code 1)."],
  options: {
    wait: {
      type: "duration",
      bareUnit: "s",
      default: 60_000,
      summary: "how long it may take to become ready (60s)",
    },
  },
  examples: ["openclaw gateway restart"],
  run: ({ wait }, context) => restartGateway({ waitMs: wait, whenStopped: "refuse" }, context),
});

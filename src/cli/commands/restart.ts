import { defineCommand } from "../command.ts";
import { restartGateway } from "../restart-gateway.ts";
import { restartOptions } from "../restart-options.ts";

export default defineCommand({
  summary: "Restart the gateway, or start it in the background, and wait until it is ready",
  description: [
    "A service is restarted by its supervisor. Any other gateway starts again in its own process and terminal,",
    "by the config as it is now. It needs no token.",
    "A config that would not start is refused before anything is stopped (exit code 78).",
    "When nothing runs, a gateway is started that outlives this terminal.",
  ],
  options: restartOptions,
  examples: ["openclaw restart", "openclaw restart --wait 2m"],
  run: ({ wait, safe, force }, context) =>
    restartGateway({ waitMs: wait, safe, force, whenStopped: "start" }, context),
});

import { ensureFirstConfig } from "../../config/first-run.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { defineCommand } from "../command.ts";
import { runGatewayHere, runOptions } from "../run-gateway.ts";

export default defineCommand({
  summary: "Start the gateway here and say how to reach it",
  description: [
    "Runs in this terminal until Ctrl-C. The very first time it writes a config for you: this machine only,",
    "protected by a random token. It never changes an existing config.",
  ],
  options: runOptions,
  examples: ["openclaw start", "openclaw start --port 18800"],
  async run(args, context) {
    const { created } = await ensureFirstConfig(context.paths, context.env, PRODUCT_VERSION);
    return runGatewayHere(args, context, { greet: true, firstRun: created });
  },
  exitCode: (code) => code,
});

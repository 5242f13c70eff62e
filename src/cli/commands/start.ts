import { ensureFirstConfig } from "../../config/first-run.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { defineCommand } from "../command.ts";
import { runGatewayHere, runOptions } from "../run-gateway.ts";
import { waitOption } from "../wait-option.ts";

export default defineCommand({
  summary: "Start the gateway here and say how to reach it",
  description: [
    "Runs in this terminal until Ctrl-C. The very first time it writes a config for you: this machine only,",
    "protected by a random token. It never changes an existing config.",
  ],
  options: {
    ...runOptions,
    service: { type: "boolean", summary: "start the installed service instead of running here" },
  },
  examples: ["openclaw start", "openclaw start --port 18800"],
  async run({ service, ...args }, context) {
    if (service) {
      const { startService } = await import("../run-service.ts");
      await startService({ waitMs: waitOption.wait.default }, context);
      return 0;
    }
    const { created } = await ensureFirstConfig(context.paths, context.env, PRODUCT_VERSION);
    return runGatewayHere(args, context, { greet: true, firstRun: created });
  },
  exitCode: (code) => code,
});

import { defineCommand } from "../../command.ts";
import { runGatewayHere, runOptions } from "../../run-gateway.ts";

export default defineCommand({
  summary: "Run the gateway in the foreground",
  description: [
    "For supervisors and containers: it never writes a config and refuses to start without gateway.mode.",
    "On your own machine, openclaw start is the friendlier one.",
  ],
  options: runOptions,
  examples: ["openclaw gateway run --port 18800", "openclaw gateway run --allow-unconfigured"],
  run: (args, context) => runGatewayHere(args, context, { greet: false, firstRun: false }),
  exitCode: (code) => code,
});

import { Fault } from "../../platform/fault.ts";
import { clientOptions } from "../client-options.ts";
import { defineCommand } from "../command.ts";

export default defineCommand({
  summary: "Talk to an agent in the terminal",
  description: [
    "Shows the conversation as it goes on, also what other clients say in it, and connects again by itself.",
  ],
  options: {
    session: { type: "string", placeholder: "key", summary: "which conversation (main)" },
    message: { type: "string", alias: "m", summary: "say this first" },
    historyLimit: {
      type: "number",
      min: 1,
      max: 1_000,
      default: 200,
      summary: "how many earlier messages to show (200)",
    },
    ...clientOptions,
  },
  examples: ["openclaw tui", "openclaw tui --session work"],
  async run(args, context) {
    if (!process.stdin.isTTY || !context.io.terminal) {
      throw new Fault("openclaw tui needs a terminal", {
        why: "its input or output goes somewhere else",
        fix: 'openclaw agent --message "<text>"',
      });
    }
    const { runTui } = await import("../tui/run-tui.ts");
    await runTui({ ...args, session: args.session ?? "main" }, context);
  },
  render() {},
});

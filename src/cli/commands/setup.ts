import { defineCommand } from "../command.ts";
import { wishesOf, wishOptions } from "../setup/options.ts";
import { isAttended, printDone, runSetup } from "../setup/run-setup.ts";
import { SECTIONS } from "../setup/sections.ts";

export default defineCommand({
  summary: "Write what a gateway on this machine needs",
  description: [
    "In a terminal it asks, the best model that is there first, and writes once at the end. With options, or",
    "without a terminal, it asks nothing: it makes a config when there is none, and otherwise adds only what",
    "is missing. What is set already changes only where an option or an answer says so.",
  ],
  options: {
    ...wishOptions,
    nonInteractive: { type: "boolean", summary: "ask nothing, also in a terminal" },
    baseline: { type: "boolean", summary: "the same: only what a start needs" },
    acceptRisk: { type: "boolean", summary: "accepted for older scripts" },
    skipHealth: { type: "boolean", otherNames: ["skip-daemon"], summary: "accepted for older scripts" },
  },
  examples: ["openclaw setup", "openclaw setup --model ollama/llama3.2 --port 18800"],
  async run({ nonInteractive, baseline, acceptRisk: _, skipHealth: __, ...args }, context) {
    const wishes = wishesOf(args, context.name);
    const isTold = Object.keys(wishes).length > 0 || args.service;
    const asks = isAttended(context) && !nonInteractive && !baseline && !isTold;
    const input = { wishes, service: args.service, title: "openclaw setup" };
    return runSetup({ ...input, ...(asks && { sections: SECTIONS }) }, context);
  },
  render: printDone,
});

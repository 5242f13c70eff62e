import { defineCommand } from "../command.ts";
import { type Explanation, explainHere } from "../explain-error.ts";
import { explanationLines } from "../explanation-lines.ts";
import { paint } from "../io.ts";
import { readInput } from "../read-input.ts";
import { UsageError } from "../usage.ts";

export default defineCommand({
  summary: "Say what an error message means, and whether it is so on this machine",
  description: [
    "Takes any text in which a message stands: a line of a log, a whole terminal, a sentence out of a guide,",
    "in English or Chinese. Runs the checks that decide it here; nothing is sent anywhere.",
    "Exit code 1 when nothing is recognised.",
  ],
  positionals: {
    text: { summary: "the text; - or nothing reads it from stdin", optional: true, rest: true },
  },
  options: {
    noChecks: { type: "boolean", summary: "only say what it means" },
  },
  examples: ['openclaw explain "gateway did not become ready"', "openclaw logs --tail 20 | openclaw explain"],
  async run({ text, noChecks }, context): Promise<Explanation> {
    if (text === undefined && process.stdin.isTTY) {
      throw new UsageError('missing argument <text> for "explain"', ["explain"]);
    }
    const pasted = text === undefined || text === "-" ? await readInput("-") : text;
    return await explainHere(pasted, { runChecks: !noChecks }, context);
  },
  render(explanation, { io }) {
    for (const line of explanationLines(explanation, paint(io.color.out))) io.out(line);
  },
  exitCode: ({ recognised }) => (recognised.length > 0 ? 0 : 1),
});

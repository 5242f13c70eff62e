import { GatewayError } from "../../protocol/errors.ts";
import { defineCommand } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { type Explanation, explainHere } from "../explain-error.ts";
import { explanationLines } from "../explanation-lines.ts";
import { paint } from "../io.ts";
import { readInput } from "../read-input.ts";
import { looksLikeId, type Trail, trailLines } from "../trail-lines.ts";
import { UsageError } from "../usage.ts";

export default defineCommand({
  summary: "Say what an error message means, or show the whole way of one message",
  description: [
    "Takes any text in which a message stands: a line of a log, a whole terminal, a sentence out of a guide,",
    "in English or Chinese. Runs the checks that decide it here; nothing is sent anywhere.",
    "With the id of a run or a message it shows what became of it: received, admitted, queued, each call of a model",
    "with what was decided after it, the tools, the result and where it is kept.",
    "Exit code 1 when nothing is recognised.",
  ],
  positionals: {
    text: { summary: "the text, or an id; - or nothing reads it from stdin", optional: true, rest: true },
  },
  options: {
    noChecks: { type: "boolean", summary: "only say what it means" },
  },
  examples: ['openclaw explain "gateway did not become ready"', "openclaw logs --tail 20 | openclaw explain"],
  async run({ text, noChecks }, context): Promise<Explanation | Trail> {
    if (text === undefined && process.stdin.isTTY) {
      throw new UsageError('missing argument <text> for "explain"', ["explain"]);
    }
    const pasted = text === undefined || text === "-" ? await readInput("-") : text;
    const trail = looksLikeId(pasted.trim()) ? await readTrail(pasted.trim(), context) : undefined;
    if (trail) return trail;
    return await explainHere(pasted, { runChecks: !noChecks }, context);
  },
  render(explanation, { io }) {
    if ("steps" in explanation) {
      for (const line of trailLines(explanation, paint(io.color.out))) io.out(line);
      return;
    }
    for (const line of explanationLines(explanation, paint(io.color.out))) io.out(line);
  },
  exitCode: (data) => ("steps" in data || data.recognised.length > 0 ? 0 : 1),
});

/** Undefined where no gateway runs or it knows nothing of the kind: then the word is a text like any other. */
async function readTrail(id: string, context: CommandContext): Promise<Trail | undefined> {
  const reached = await context.reach({ scopes: ["operator.read"], byOwner: true });
  if (reached.kind === "trouble") {
    context.io.note("notice: runs and messages are looked up by the gateway, which does not answer");
    return undefined;
  }
  return await reached.connection
    .call<Trail>("chat.explain", { id }, { timeoutMs: 10_000 })
    .catch((error: unknown) => {
      if (error instanceof GatewayError) return undefined;
      throw error;
    });
}

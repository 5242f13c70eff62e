import type { ResultOf } from "../../../../gateway/method.ts";
import type modelsInfer from "../../../../gateway/methods/models/infer.ts";
import { GatewayError } from "../../../../protocol/errors.ts";
import { clientOptions } from "../../../client-options.ts";
import { defineCommand } from "../../../command.ts";
import { inferenceFault } from "../../../inference-fault.ts";
import { openPassingGateway } from "../../../passing-gateway.ts";
import { readInput } from "../../../read-input.ts";
import { replyText } from "../../../reply-text.ts";
import { printFault } from "../../../report.ts";

type Answer = ResultOf<typeof modelsInfer>;

const { timeout: _, ...connection } = clientOptions;

export default defineCommand({
  summary: "One bare model call: no agent, no tools, no second try",
  description: [
    "Where no gateway runs one is started for the call, so that it is on the bill like every other.",
  ],
  options: {
    model: { type: "string", placeholder: "provider/model", summary: "which model (the default one)" },
    prompt: { type: "string", required: true, summary: "what to ask; - reads stdin" },
    system: { type: "string", placeholder: "text", summary: "a system prompt" },
    maxTokens: { type: "number", min: 1, max: 1_000_000, summary: "how long the answer may be" },
    timeout: { type: "duration", bareUnit: "ms", default: 120_000, summary: "how long it may take (2m)" },
    ...connection,
  },
  examples: [`openclaw infer model run --model openai/gpt-5.5 --prompt "hi" --json`],
  async run({ model, prompt, system, maxTokens, timeout, url }, context) {
    await using _passing = url === undefined ? await openPassingGateway(context) : undefined;
    const params = {
      prompt: prompt === "-" ? await readInput("-") : prompt,
      ...(model !== undefined && { model }),
      ...(system !== undefined && { system }),
      ...(maxTokens !== undefined && { maxTokens }),
    };
    const how = { scopes: ["operator.write"] as const, byOwner: true as const, timeoutMs: timeout };
    const answer = await context.call<Answer>("models.infer", params, how).catch((error: unknown) => {
      if (!(error instanceof GatewayError)) throw error;
      return { ok: false as const, error: error.message, fix: error.extras.details?.hint };
    });
    // Also beside --json: what a program reads is on stdout, what a person reads on stderr.
    if (!answer.ok) printFault(inferenceFault(answer.error, answer), context.io);
    if (!("text" in answer)) return { ok: false, outputs: [], error: answer.error, fix: answer.fix };
    const { ok, text, error, failure, ...facts } = answer;
    return { ok, ...facts, outputs: text === "" ? [] : [{ text }], ...(error && { error, failure }) };
  },
  render(answer, { io }) {
    for (const { text } of answer.outputs) io.out(replyText(text));
    if (answer.ok && answer.outputs.length === 0) io.note("notice: the model answered without text");
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});

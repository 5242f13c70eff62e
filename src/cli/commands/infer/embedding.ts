import type { ResultOf } from "../../../gateway/method.ts";
import type modelsEmbed from "../../../gateway/methods/models/embed.ts";
import { GatewayError } from "../../../protocol/errors.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { inferenceFault } from "../../inference-fault.ts";
import { openPassingGateway } from "../../passing-gateway.ts";
import { readInput } from "../../read-input.ts";
import { printFault } from "../../report.ts";

type Answer = ResultOf<typeof modelsEmbed>;

const { timeout: _, ...connection } = clientOptions;

export default defineCommand({
  summary: "The vector of a text, by the model for embeddings",
  options: {
    text: { type: "string", required: true, summary: "the text; - reads stdin" },
    model: { type: "string", placeholder: "provider/model", summary: "which model (that of the config)" },
    dimensions: {
      type: "number",
      min: 1,
      max: 65_536,
      summary: "how many numbers, where the model lets one choose",
    },
    timeout: { type: "duration", bareUnit: "ms", default: 60_000, summary: "how long it may take (1m)" },
    ...connection,
  },
  examples: [`openclaw infer embedding --text "hello" --json`],
  async run({ text, model, dimensions, timeout, url }, context) {
    await using _passing = url === undefined ? await openPassingGateway(context) : undefined;
    const params = {
      input: [text === "-" ? await readInput("-") : text],
      ...(model !== undefined && { model }),
      ...(dimensions !== undefined && { dimensions }),
    };
    const how = { scopes: ["operator.write"] as const, byOwner: true as const, timeoutMs: timeout };
    const answer = await context.call<Answer>("models.embed", params, how).catch((error: unknown) => {
      if (!(error instanceof GatewayError)) throw error;
      return { ok: false as const, error: error.message, fix: error.extras.details?.hint };
    });
    if (!answer.ok) {
      printFault(inferenceFault(answer.error, answer), context.io);
      return { ...answer, outputs: [] };
    }
    const { vectors, ...facts } = answer;
    return { ...facts, outputs: vectors.map((embedding) => ({ embedding, dimensions: embedding.length })) };
  },
  render(answer, { io }) {
    for (const { embedding, dimensions } of answer.outputs) {
      io.note(`notice: ${dimensions} numbers`);
      io.out(JSON.stringify(embedding));
    }
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});

import type { ResultOf } from "../../../gateway/method.ts";
import type usageCalls from "../../../gateway/methods/usage/calls.ts";
import type usageCost from "../../../gateway/methods/usage/cost.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { tableLines } from "../../table-lines.ts";

type Cost = ResultOf<typeof usageCost>;
type Calls = ResultOf<typeof usageCalls>;

export default defineCommand({
  summary: "Show what the models have cost, or the calls of one run",
  description: [
    "Prices are those of models.providers.<provider>.models[].cost; calls without one count as unpriced.",
  ],
  options: {
    days: { type: "number", summary: "how many days back, today included", min: 1, max: 400, default: 30 },
    run: { type: "string", summary: "the model calls of this run, with what was decided after each" },
    ...clientOptions,
  },
  async run({ days, run, timeout }, context): Promise<Cost | Calls> {
    const connection = await context.connect({ scopes: ["operator.read"] });
    return run === undefined
      ? await connection.call<Cost>("usage.cost", { days }, { timeoutMs: timeout })
      : await connection.call<Calls>("usage.calls", { runId: run }, { timeoutMs: timeout });
  },
  render(data, { io }) {
    const lines = "runId" in data ? callLines(data) : costLines(data);
    for (const line of lines) io.out(line);
    if ("totals" in data && data.totals.unpriced > 0) {
      io.note(`notice: ${data.totals.unpriced} of ${data.totals.calls} calls have no price in the config`);
    }
  },
});

function costLines({ days, daily, models, agents, totals }: Cost): string[] {
  if (totals.calls === 0) return [`No model was called in the last ${days} days.`];
  const row = (
    name: string,
    { calls, failed, input, output, cacheRead, cacheWrite, totalCost, unpriced }: Cost["totals"],
  ) => [
    name,
    failed > 0 ? `${calls} (${failed} failed)` : String(calls),
    String(input + cacheRead + cacheWrite),
    String(output),
    totalCost === 0 && unpriced > 0 ? "no price" : totalCost.toFixed(4),
  ];
  const head = (what: string) => [what, "calls", "tokens in", "tokens out", "cost"];
  return [
    ...tableLines([head("Day"), ...daily.map((day) => row(day.date, day)), row("total", totals)]),
    "",
    ...tableLines([head("Model"), ...models.map((model) => row(model.name, model))]),
    "",
    ...tableLines([head("Agent"), ...agents.map((agent) => row(agent.name, agent))]),
  ];
}

function callLines({ runId, calls }: Calls): string[] {
  if (calls.length === 0) return [`No model call of run ${runId} is on record.`];
  const rows = calls.map(({ at, provider, model, key, durationMs, outcome, action, reason, message }) => [
    new Date(at).toISOString(),
    `${provider}/${model}${key > 1 ? ` (key ${key})` : ""}`,
    `${durationMs} ms`,
    outcome,
    [action && `→ ${action}: ${reason}`, message].filter(Boolean).join(" — "),
  ]);
  return tableLines([["At", "Model", "Took", "Outcome", "Then"], ...rows]);
}

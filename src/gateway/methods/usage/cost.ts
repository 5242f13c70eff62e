import * as v from "valibot";
import { defineMethod } from "../../method.ts";
import { Days, dayRange, totalOf, UsageDays } from "../../usage-range.ts";

/** What the models cost, by day, model and agent: the last `days`, or from the first to the last day named. */
export default defineMethod({
  name: "usage.cost",
  scope: "operator.read",
  params: v.object({ days: v.optional(Days, 30), ...UsageDays }),
  run(params, { services: { clock, turns } }) {
    const now = clock.now();
    const { from, to, days } = dayRange(params, now);
    const range = { from, to };
    const daily = turns.modelCalls.sums(range, "day").map(({ name, ...sums }) => ({ date: name, ...sums }));
    return {
      updatedAt: now,
      days,
      daily,
      models: turns.modelCalls.sums(range, "model"),
      agents: turns.modelCalls.sums(range, "agent"),
      totals: totalOf(daily),
    };
  },
});

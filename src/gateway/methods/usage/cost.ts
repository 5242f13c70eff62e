import * as v from "valibot";
import { GatewayError } from "../../../protocol/errors.ts";
import type { UsageSum } from "../../../sessions/model-calls.ts";
import { defineMethod } from "../../method.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const date = () => v.optional(v.pipe(v.string(), v.isoDate()));

/** What the models cost, by day, model and agent: the last `days`, or from the first to the last day named. */
export default defineMethod({
  name: "usage.cost",
  scope: "operator.read",
  params: v.object({
    days: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(400)), 30),
    startDate: date(),
    endDate: date(),
  }),
  run({ days, startDate, endDate }, { services: { clock, turns } }) {
    const now = clock.now();
    const to = endDate === undefined ? midnight(new Date(now), 1) : midnight(localDate(endDate), 1);
    const from =
      startDate === undefined ? midnight(new Date(to - 1), 1 - days) : midnight(localDate(startDate), 0);
    if (from >= to) throw new GatewayError("INVALID_REQUEST", "startDate is after endDate");
    const range = { from, to };
    const daily = turns.modelCalls.sums(range, "day").map(({ name, ...sums }) => ({ date: name, ...sums }));
    return {
      updatedAt: now,
      days: Math.round((to - from) / DAY_MS),
      daily,
      models: turns.modelCalls.sums(range, "model"),
      agents: turns.modelCalls.sums(range, "agent"),
      totals: total(daily),
    };
  },
});

/** Of this process's time zone, as the days of the table are. */
function midnight(day: Date, later: number): number {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + later).getTime();
}

function localDate(text: string): Date {
  const [year, month, day] = text.split("-").map(Number) as [number, number, number];
  return new Date(year, month - 1, day);
}

function total(rows: readonly UsageSum[]): UsageSum {
  const sum: UsageSum = {
    calls: 0,
    failed: 0,
    input: 0,
    output: 0,
    cacheRead: 0,
    cacheWrite: 0,
    totalTokens: 0,
    totalCost: 0,
    unpriced: 0,
  };
  for (const row of rows) for (const key of Object.keys(sum) as (keyof UsageSum)[]) sum[key] += row[key];
  return sum;
}

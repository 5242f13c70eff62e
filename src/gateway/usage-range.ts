import * as v from "valibot";
import { GatewayError } from "../protocol/errors.ts";
import type { UsageSum } from "../sessions/model-calls.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const date = () => v.optional(v.pipe(v.string(), v.isoDate()));

/** The last so many days, or from the first to the last day named. */
export const UsageDays = { startDate: date(), endDate: date() };
export const Days = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(400));

export interface DayRange {
  /** Epoch milliseconds; `to` is not in it. */
  from: number;
  to: number;
  days: number;
}

export function dayRange(
  {
    days,
    startDate,
    endDate,
  }: { days: number; startDate?: string | undefined; endDate?: string | undefined },
  now: number,
): DayRange {
  const to = endDate === undefined ? midnight(new Date(now), 1) : midnight(localDate(endDate), 1);
  const from =
    startDate === undefined ? midnight(new Date(to - 1), 1 - days) : midnight(localDate(startDate), 0);
  if (from >= to) throw new GatewayError("INVALID_REQUEST", "startDate is after endDate");
  return { from, to, days: Math.round((to - from) / DAY_MS) };
}

/** "2026-11-26", of this process's time zone as the days of the table are. */
export function dayOf(ms: number): string {
  const day = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

export function totalOf(rows: readonly UsageSum[]): UsageSum {
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

function midnight(day: Date, later: number): number {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + later).getTime();
}

function localDate(text: string): Date {
  const [year, month, day] = text.split("-").map(Number) as [number, number, number];
  return new Date(year, month - 1, day);
}

import type { ConfiguredAgent } from "../config/agents.ts";
import { grouped } from "../platform/grouped.ts";
import type { ModelCalls, Spent } from "../sessions/model-calls.ts";

type Period = "day" | "month";
type Cap = { key: keyof ConfiguredAgent["budget"]; period: Period; unit: "usd" | "tokens" };

const CAPS: readonly Cap[] = [
  { key: "dailyUsd", period: "day", unit: "usd" },
  { key: "monthlyUsd", period: "month", unit: "usd" },
  { key: "dailyTokens", period: "day", unit: "tokens" },
  { key: "monthlyTokens", period: "month", unit: "tokens" },
];

/** Where the day or the month began, in the time zone of this process. */
export function periodStart(period: Period, now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), period === "day" ? date.getDate() : 1).getTime();
}

/** The words of a refusal where one of the agent's caps is reached; undefined while there is something left. */
export function overBudget(agent: ConfiguredAgent, modelCalls: ModelCalls, now: number): string | undefined {
  for (const cap of CAPS) {
    const limit = agent.budget[cap.key];
    if (limit === undefined) continue;
    const spent = spentOf(cap, agent, modelCalls, now);
    if (spent[cap.unit] < limit) continue;
    const path = keyPath(agent, cap);
    const every = cap.period === "day" ? "a day" : "a month";
    return (
      `budget reached: agent "${agent.id}" has used ${amount(cap, spent[cap.unit])} of ${amount(cap, limit)} ${every} (${path}); ` +
      `it may go on at ${localTime(periodEnd(cap.period, now))}, or with a higher cap: ` +
      `openclaw config set ${path} ${cap.unit === "usd" ? Math.max(1, limit * 2) : Math.max(100_000, limit * 2)}`
    );
  }
  return undefined;
}

/** What is used of each cap, for people. */
export function capLines(agent: ConfiguredAgent, modelCalls: ModelCalls, now: number): string[] {
  return CAPS.flatMap((cap) => {
    const limit = agent.budget[cap.key];
    if (limit === undefined) return [];
    const spent = spentOf(cap, agent, modelCalls, now)[cap.unit];
    return [
      `Cap ${cap.key}: ${amount(cap, spent)} of ${amount(cap, limit)}, again full at ${localTime(periodEnd(cap.period, now))}`,
    ];
  });
}

/** True where money is capped: a model without a price then spends unseen. */
export function capsMoney({ budget }: ConfiguredAgent): boolean {
  return budget.dailyUsd !== undefined || budget.monthlyUsd !== undefined;
}

function spentOf({ period }: Cap, agent: ConfiguredAgent, modelCalls: ModelCalls, now: number): Spent {
  return modelCalls.spent(agent.id, periodStart(period, now));
}

/** Where the cap is written, so that the command changes the one in force. */
function keyPath({ settings, budgetPath }: ConfiguredAgent, { key }: Cap): string {
  return `${settings.budget?.[key] === undefined ? "agents.defaults.budget" : budgetPath}.${key}`;
}

function periodEnd(period: Period, now: number): number {
  const date = new Date(now);
  const [month, day] = period === "day" ? [date.getMonth(), date.getDate() + 1] : [date.getMonth() + 1, 1];
  return new Date(date.getFullYear(), month, day).getTime();
}

function amount({ unit }: Cap, value: number): string {
  return unit === "usd" ? `${value.toFixed(2)} USD` : `${grouped(value)} tokens`;
}

function localTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

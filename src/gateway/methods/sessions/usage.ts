import * as v from "valibot";
import { requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { dayOf, dayRange, totalOf, UsageDays } from "../../usage-range.ts";

const RANGE_DAYS = { "7d": 7, "30d": 30, "90d": 90, "1y": 365, all: 400 } as const;

/** What each session cost, the dearest first; also sessions that are gone by now. */
export default defineMethod({
  name: "sessions.usage",
  scope: "operator.read",
  hidden: true,
  params: v.object({
    key: v.optional(SessionKeyText),
    agentId: v.optional(v.string()),
    ...UsageDays,
    range: v.optional(v.picklist(["7d", "30d", "90d", "1y", "all"]), "30d"),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 100),
  }),
  run(params, { services }) {
    const { clock, turns } = services;
    const { modelCalls, store } = turns;
    const { from, to } = dayRange({ ...params, days: RANGE_DAYS[params.range] }, clock.now());
    const sessionKey =
      params.key === undefined ? undefined : requireKey(params.key, params.agentId, services).text;
    const range = { from, to, sessionKey, agentId: params.agentId?.toLowerCase() };
    const spent = modelCalls.sums(range, "session");
    const sessions = spent.slice(0, params.limit).map(({ name: key, ...usage }) => {
      const session = store.find(key);
      const label = session?.label ?? session?.title;
      return {
        key,
        ...(session && {
          sessionId: session.sessionId,
          agentId: session.agentId,
          updatedAt: session.updatedAt,
        }),
        ...(label && { label }),
        ...(session?.model && { modelProvider: session.provider, model: session.model }),
        deleted: !session,
        usage,
      };
    });
    return {
      updatedAt: clock.now(),
      startDate: dayOf(from),
      endDate: dayOf(to - 1),
      sessions,
      totalSessions: spent.length,
      totals: totalOf(spent),
      aggregates: {
        daily: modelCalls.sums(range, "day").map(({ name, ...totals }) => ({ date: name, ...totals })),
        byModel: modelCalls.sums(range, "model").map(({ name, ...totals }) => ({ model: name, totals })),
        byProvider: modelCalls
          .sums(range, "provider")
          .map(({ name, ...totals }) => ({ provider: name, totals })),
        byAgent: modelCalls.sums(range, "agent").map(({ name, ...totals }) => ({ agentId: name, totals })),
      },
    };
  },
});

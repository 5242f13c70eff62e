import * as v from "valibot";
import { SessionKeyText } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";
import { requireSession } from "../../../session-acts.ts";

/** The newest; a chart shows no more. */
const MAX_POINTS = 2_000;

/** The model calls of one session over time, with what they add up to. */
export default defineMethod({
  name: "sessions.usage.timeseries",
  scope: "operator.read",
  hidden: true,
  params: v.object({ key: SessionKeyText, agentId: v.optional(v.string()) }),
  run({ key, agentId }, { services }) {
    const { turns, clock } = services;
    const session = requireSession(key, agentId, services);
    let cumulativeTokens = 0;
    let cumulativeCost = 0;
    const range = { from: 0, to: clock.now() + 1 };
    const points = turns.modelCalls
      .ofSession(session.key, range, MAX_POINTS)
      .map(({ at, usage, cost = 0 }) => {
        const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0, totalTokens = 0 } = usage ?? {};
        cumulativeTokens += totalTokens;
        cumulativeCost += cost;
        return {
          timestamp: at,
          input,
          output,
          cacheRead,
          cacheWrite,
          totalTokens,
          cost,
          cumulativeTokens,
          cumulativeCost,
        };
      });
    return { sessionId: session.sessionId, points };
  },
});

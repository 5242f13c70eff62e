import * as v from "valibot";
import { defaultAgentId } from "../../../config/agents.ts";
import { defineMethod } from "../../method.ts";
import { sessionDefaults } from "../../models.ts";
import { rowOf } from "../../session-rows.ts";

/** Sessions, most recently used first. */
export default defineMethod({
  name: "sessions.list",
  scope: "operator.read",
  params: v.object({
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 100),
    offset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
    agentId: v.optional(v.string()),
    search: v.optional(v.pipe(v.string(), v.maxLength(200))),
  }),
  async run({ limit, offset, agentId, search }, { services }) {
    const { clock, turns, loaded } = services;
    const { rows, total } = turns.store.list({
      limit,
      offset,
      ...(agentId && { agentId }),
      ...(search && { search }),
    });
    const hasMore = offset + rows.length < total;
    return {
      ts: clock.now(),
      path: turns.store.database.path,
      count: rows.length,
      totalCount: total,
      limitApplied: limit,
      nextOffset: hasMore ? offset + rows.length : null,
      hasMore,
      owners: [],
      defaults: sessionDefaults(await services.model),
      sessions: rows.map((session) => rowOf(session, defaultAgentId(loaded.config), turns)),
    };
  },
});

import * as v from "valibot";
import { defineMethod } from "../../method.ts";
import { sessionDefaults } from "../../models.ts";
import { shownSession } from "../../session-acts.ts";

/** Sessions, most recently used first. Archived ones are shown to who asks for them. */
export default defineMethod({
  name: "sessions.list",
  scope: "operator.read",
  params: v.object({
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 100),
    offset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
    agentId: v.optional(v.string()),
    search: v.optional(v.pipe(v.string(), v.maxLength(200))),
    label: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(512))),
    activeMinutes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5_256_000))),
    archived: v.optional(v.union([v.boolean(), v.literal("all")]), false),
  }),
  async run({ limit, offset, agentId, search, label, activeMinutes, archived }, { services }) {
    const { clock, turns } = services;
    const { rows, total } = turns.store.list({
      limit,
      offset,
      ...(agentId && { agentId: agentId.toLowerCase() }),
      ...(search && { search }),
      ...(label && { label }),
      ...(activeMinutes && { since: clock.now() - activeMinutes * 60_000 }),
      archived: archived === "all" ? "too" : archived ? "only" : "no",
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
      sessions: rows.map((session) => shownSession(session, services)),
    };
  },
});

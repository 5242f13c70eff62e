import * as v from "valibot";
import { requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** Messages that hold all the words of `query`; `truncated` says that there may be more. */
export default defineMethod({
  name: "sessions.search",
  scope: "operator.read",
  params: v.object({
    query: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(4_096)),
    agentId: v.optional(v.string()),
    sessionKeys: v.optional(v.pipe(v.array(SessionKeyText), v.maxLength(1_000))),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(25)), 10),
  }),
  async run({ query, agentId, sessionKeys, limit }, { services }) {
    const { searchMessages } = await import("../../../sessions/search.ts");
    return await searchMessages(services.turns.store.database, {
      query,
      agentId,
      sessionKeys: sessionKeys?.map((key) => requireKey(key, undefined, services).text),
      limit,
    });
  },
});

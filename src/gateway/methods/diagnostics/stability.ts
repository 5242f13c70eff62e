import * as v from "valibot";
import { defineMethod } from "../../method.ts";
import { RING_CAPACITY } from "../../stability/ring.ts";

/** What this run remembers of its troubles; no texts of people, no secrets (protocol.md §9.1). */
export default defineMethod({
  name: "diagnostics.stability",
  scope: "operator.read",
  params: v.object({
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(RING_CAPACITY)), 100),
    type: v.optional(v.pipe(v.string(), v.maxLength(64))),
    sinceSeq: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
  run({ limit, type, sinceSeq }, { services: { stability } }) {
    return stability.ring.read({
      limit,
      ...(type !== undefined && { type }),
      ...(sinceSeq !== undefined && { sinceSeq }),
    });
  },
});

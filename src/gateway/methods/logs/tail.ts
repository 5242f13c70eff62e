import * as v from "valibot";
import { tailLog } from "../../log-tail.ts";
import { defineMethod } from "../../method.ts";

/** New lines of the log file since `cursor`; raw JSON lines, as written (protocol.md §9.1). */
export default defineMethod({
  name: "logs.tail",
  scope: "operator.read",
  params: v.object({
    cursor: v.optional(v.union([v.string(), v.number()])),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5_000)), 500),
    maxBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)), 250_000),
  }),
  run({ cursor, limit, maxBytes }, { services: { sink } }) {
    sink.flush();
    return tailLog({
      file: sink.file(),
      cursor: cursor === undefined ? undefined : String(cursor),
      limit,
      maxBytes,
    });
  },
});

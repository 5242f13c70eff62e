import * as v from "valibot";
import { defineMethod } from "../../method.ts";

/** Puts an earlier version of the config back as a new one: the one named, or the one before the last change. */
export default defineMethod({
  name: "config.undo",
  scope: "operator.admin",
  controlPlaneWrite: true,
  params: v.object({
    number: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999_999_999_999))),
  }),
  async run({ number }, context) {
    const { undoForClient } = await import("../../config-write.ts");
    return await undoForClient(number, context);
  },
});

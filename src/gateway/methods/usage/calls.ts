import * as v from "valibot";
import { defineMethod } from "../../method.ts";

/** The model calls of one run with what was decided after each, oldest first. */
export default defineMethod({
  name: "usage.calls",
  scope: "operator.read",
  params: v.object({ runId: v.pipe(v.string(), v.minLength(1), v.maxLength(256)) }),
  run: ({ runId }, { services }) => ({ runId, calls: services.turns.modelCalls.ofRun(runId) }),
});

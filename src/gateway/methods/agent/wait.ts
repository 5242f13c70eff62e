import * as v from "valibot";
import { defineMethod } from "../../method.ts";
import { waitPayload, waitPayloadOfRecord } from "../../run-result.ts";

const MAX_WAIT_MS = 600_000;

/** Waits for the end of a run. A run nobody knows may still arrive: the answer is then `timeout`. */
export default defineMethod({
  name: "agent.wait",
  scope: "operator.write",
  params: v.object({
    runId: v.pipe(v.string(), v.nonEmpty(), v.maxLength(256)),
    timeoutMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_WAIT_MS)), 30_000),
  }),
  async run({ runId, timeoutMs }, { services }) {
    const record = services.turns.journal.find(runId);
    if (record?.endedAt !== undefined) return waitPayloadOfRecord(record);
    const outcome = await services.turns.waits.wait(runId, timeoutMs);
    return outcome ? waitPayload(outcome) : { runId, status: "timeout" };
  },
});

import * as v from "valibot";
import { defineMethod } from "../../method.ts";

const MAX_LANES = 200;

/** What waits for what: one entry per session with work (protocol.md §9.1). */
export default defineMethod({
  name: "diagnostics.lanes",
  scope: "operator.read",
  params: v.object({}),
  run(_params, { services: { clock, lifecycle, turns } }) {
    const draining = lifecycle.phase() === "stopping";
    const lanes = turns.lanes
      .depths()
      .sort((a, b) => b.waiting - a.waiting)
      .slice(0, MAX_LANES)
      .map(({ lane, active, waiting }) => ({
        lane,
        queuedCount: waiting,
        activeCount: active,
        maxConcurrent: 1,
        draining,
        generation: 0,
        blockedBy: active === 0 && waiting > 0 ? "turns of other sessions" : null,
      }));
    return { ts: clock.now(), lanes, dynamic: true };
  },
});

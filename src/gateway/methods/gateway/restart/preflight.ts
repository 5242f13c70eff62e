import * as v from "valibot";
import { defineMethod } from "../../../method.ts";
import { restartPreflight } from "../../../restart-preflight.ts";

/** What a restart would interrupt now. Whether its config would start is looked at by the request itself. */
export default defineMethod({
  name: "gateway.restart.preflight",
  scope: "operator.read",
  params: v.object({}),
  run: (_params, { services }) => restartPreflight(services.turns.lanes),
});

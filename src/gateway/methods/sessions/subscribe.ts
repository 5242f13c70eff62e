import * as v from "valibot";
import { defineMethod } from "../../method.ts";

/** From now on this connection gets `sessions.changed`, until it closes. */
export default defineMethod({
  name: "sessions.subscribe",
  scope: "operator.read",
  params: v.object({}),
  run(_params, { connection }) {
    connection.watchesSessions = true;
    return { subscribed: true };
  },
});

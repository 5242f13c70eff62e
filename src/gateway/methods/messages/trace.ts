import * as v from "valibot";
import { traceMessage } from "../../../sessions/message-trace.ts";
import { defineMethod } from "../../method.ts";

/** What became of a message of a chat: taken or dropped and why, and what left for it. */
export default defineMethod({
  name: "messages.trace",
  scope: "operator.read",
  params: v.object({ id: v.pipe(v.string(), v.nonEmpty(), v.maxLength(256)) }),
  run({ id }, { services }) {
    return traceMessage(services.turns.store.database, id);
  },
});

import * as v from "valibot";
import { requireKey, SessionKeyText } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** Ends what `sessions.messages.subscribe` began. */
export default defineMethod({
  name: "sessions.messages.unsubscribe",
  scope: "operator.read",
  params: v.object({ key: SessionKeyText, agentId: v.optional(v.string()) }),
  run({ key, agentId }, { connection, services }) {
    const { text } = requireKey(key, agentId, services);
    connection.watchedKeys.delete(text);
    return { subscribed: false, key: text };
  },
});

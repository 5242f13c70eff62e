import * as v from "valibot";
import { requireKey, SessionKeyText } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** From now on this connection gets `session.message` of this session. */
export default defineMethod({
  name: "sessions.messages.subscribe",
  scope: "operator.read",
  params: v.object({ key: SessionKeyText, agentId: v.optional(v.string()) }),
  run({ key, agentId }, { connection, services }) {
    const { text } = requireKey(key, agentId, services);
    connection.watchedKeys.add(text);
    return { subscribed: true, key: text };
  },
});

import * as v from "valibot";
import { readChat } from "../../chat-history.ts";
import { HistoryParams } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** The transcript of a session, newest page first asked for, oldest message first in it. */
export default defineMethod({
  name: "chat.history",
  scope: "operator.read",
  params: v.object(HistoryParams),
  run: (params, { services }) => readChat(params, services),
});

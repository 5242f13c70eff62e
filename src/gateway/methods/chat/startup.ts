import * as v from "valibot";
import { readChat } from "../../chat-history.ts";
import { HistoryParams } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** What a chat view needs when it opens; the same page as `chat.history`. */
export default defineMethod({
  name: "chat.startup",
  scope: "operator.read",
  params: v.object(HistoryParams),
  run: (params, { services }) => readChat(params, services),
});

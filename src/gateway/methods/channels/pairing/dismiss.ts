import * as v from "valibot";
import { unknownRequest } from "../../../channels/pairing-refusals.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** Turns somebody away; they may ask again after a day. */
export default defineMethod({
  name: "channels.pairing.dismiss",
  scope: "operator.pairing",
  params: v.object({ channel: identifier, accountId: identifier, requestId: identifier }),
  async run({ channel, accountId, requestId }, { services }) {
    const { senders } = await services.channels.open();
    const result = senders.reject(channel, requestId, accountId);
    if (result.kind !== "rejected") throw unknownRequest(channel);
    const { sender } = result;
    services.sink.log
      .child(channel)
      .info("pairing request rejected", { account: accountId, sender: sender.senderId });
    return { requestId, senderId: sender.senderId };
  },
});

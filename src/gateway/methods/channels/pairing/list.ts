import * as v from "valibot";
import { pairingList } from "../../../../access/senders/pairing-list.ts";
import { pairingAccounts } from "../../../channels/ask-desk.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

/** Who has written to the bot and waits for the owner's approval. */
export default defineMethod({
  name: "channels.pairing.list",
  scope: "operator.pairing",
  params: v.object({ channel: v.optional(identifier), accountId: v.optional(identifier) }),
  async run(query, { services }) {
    const desk = await services.channels.open();
    return pairingList(desk.senders, pairingAccounts(desk), query);
  },
});

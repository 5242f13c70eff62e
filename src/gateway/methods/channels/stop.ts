import * as v from "valibot";
import { accountRow } from "../../channels/status-payload.ts";
import { identifier } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** Ends a connection until it is started again, or the gateway is. */
export default defineMethod({
  name: "channels.stop",
  scope: "operator.admin",
  params: v.object({ channel: identifier, accountId: v.optional(identifier) }),
  async run({ channel, accountId }, { services }) {
    const desk = await services.channels.open();
    const accounts = await desk.stop(channel, accountId);
    return {
      channel,
      accountId: accountId ?? accounts[0]?.accountId ?? "default",
      stopped: true,
      accounts: accounts.map((account) => accountRow(account, undefined, services.clock.now())),
    };
  },
});

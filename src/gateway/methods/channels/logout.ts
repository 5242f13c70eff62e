import * as v from "valibot";
import { GatewayError } from "../../../protocol/errors.ts";
import { requireAccount } from "../../channels/ask-desk.ts";
import { identifier } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** For platforms that link a phone. What stands for an account here is its token in the config, which its owner takes out. */
export default defineMethod({
  name: "channels.logout",
  scope: "operator.admin",
  params: v.object({ channel: identifier, accountId: v.optional(identifier) }),
  async run({ channel, accountId }, { services }): Promise<never> {
    const desk = await services.channels.open();
    const asked = { channel, ...(accountId !== undefined && { accountId }) };
    const account = requireAccount(desk, asked, services.loaded.config);
    throw new GatewayError("INVALID_REQUEST", `channel ${channel} does not support logout`, {
      hint: `take its token out of the config: openclaw channels remove ${channel} --account ${account.accountId} --delete`,
    });
  },
});

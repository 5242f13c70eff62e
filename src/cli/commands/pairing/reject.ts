import type { PairingRequest } from "../../../access/senders/pairing-list.ts";
import { printable } from "../../../platform/printable.ts";
import { findChannel } from "../../channels/known-channel.ts";
import { findRequest, openSenderDesk } from "../../channels/sender-desk.ts";
import { senderPositionals, senderQuery } from "../../channels/sender-options.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Turn somebody away who waits for approval",
  description: [
    "They get no answer, and may ask again after a day. Works without a running gateway as well.",
  ],
  positionals: senderPositionals,
  options: {
    channel: {
      type: "string",
      placeholder: "id",
      summary: "the chat app as an option; then only the code is typed",
    },
    account: { type: "string", placeholder: "id", summary: "which account of it" },
    ...clientOptions,
  },
  async run(args, context): Promise<PairingRequest> {
    const { platform, code } = senderQuery(args, context.name);
    const { id: channel } = findChannel(platform, context.name);
    using desk = await openSenderDesk(context);
    const { account } = args;
    const list = await desk.list({ channel, ...(account !== undefined && { accountId: account }) });
    const request = findRequest(list, channel, code);
    await desk.reject(request);
    return request;
  },
  render({ channel, senderId }, { io }) {
    io.out(printable(`Rejected ${channel} sender ${senderId}.`));
  },
});

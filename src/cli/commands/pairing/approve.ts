import { printable } from "../../../platform/printable.ts";
import { findChannel } from "../../channels/known-channel.ts";
import { type Approved, findRequest, openSenderDesk, type SenderDesk } from "../../channels/sender-desk.ts";
import { senderPositionals, senderQuery } from "../../channels/sender-options.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";

interface Shown extends Approved {
  channel: string;
  accountId: string;
  where: SenderDesk["where"];
}

export default defineCommand({
  summary: "Let somebody write to the bot, by the code they got",
  description: [
    "Works without a running gateway as well. The first sender that is approved becomes the owner.",
  ],
  positionals: senderPositionals,
  options: {
    channel: {
      type: "string",
      placeholder: "id",
      summary: "the chat app as an option; then only the code is typed",
    },
    account: { type: "string", placeholder: "id", summary: "which account of it" },
    notify: { type: "boolean", summary: "tell the person in the chat" },
    ...clientOptions,
  },
  examples: [
    "openclaw pairing approve telegram K7QM2XPA",
    "openclaw pairing approve telegram K7QM2XPA --notify",
  ],
  async run({ notify, ...args }, context): Promise<Shown> {
    const { platform, code } = senderQuery(args, context.name);
    const { id: channel } = findChannel(platform, context.name);
    using desk = await openSenderDesk(context);
    const { account } = args;
    const list = await desk.list({ channel, ...(account !== undefined && { accountId: account }) });
    const request = findRequest(list, channel, code);
    const approved = await desk.approve(request, notify);
    return { ...approved, channel, accountId: request.accountId, where: desk.where };
  },
  render({ channel, senderId, notification, commandOwnerBootstrap, where }, { io }) {
    io.out(printable(`Approved ${channel} sender ${senderId}.`));
    if (commandOwnerBootstrap === "configured")
      io.out(
        printable(
          `Command owner is now ${channel}:${senderId}: nobody was, and the first to be approved becomes it.`,
        ),
      );
    if (notification === "sent") io.out("They were told in the chat.");
    if (notification === "failed")
      io.note(
        where === "store"
          ? "notice: nobody was told: no gateway runs that could send the message"
          : "notice: the message that tells them has not arrived; see: openclaw outbox list",
      );
  },
});

import type { PairingList } from "../../../access/senders/pairing-list.ts";
import { Fault } from "../../../platform/fault.ts";
import { findChannel } from "../../channels/known-channel.ts";
import { openSenderDesk } from "../../channels/sender-desk.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { formatUptime } from "../../duration.ts";
import { tableLines } from "../../table-lines.ts";

export default defineCommand({
  summary: "Show who wrote to the bot and waits for approval",
  description: [
    "Works without a running gateway as well: then it reads what the last one has stored.",
    "Exit code 1 when no chat app is configured and none is named.",
  ],
  positionals: { platform: { summary: "only this chat app", optional: true } },
  options: {
    channel: { type: "string", placeholder: "id", summary: "the same as an option" },
    account: { type: "string", placeholder: "id", summary: "only this account" },
    ...clientOptions,
  },
  examples: ["openclaw pairing list", "openclaw pairing list --channel telegram"],
  async run({ platform, channel, account }, context): Promise<PairingList> {
    const wanted = platform ?? channel;
    const id = wanted === undefined ? undefined : findChannel(wanted, context.name).id;
    using desk = await openSenderDesk(context);
    const list = await desk.list({
      ...(id !== undefined && { channel: id }),
      ...(account !== undefined && { accountId: account }),
    });
    if (id === undefined && list.accounts.length === 0 && list.requests.length === 0) {
      throw new Fault("no chat app is configured", {
        why: "So nobody can write to the bot, and nobody waits.",
        fix: "openclaw channels add",
      });
    }
    return list;
  },
  render({ requests, commandOwnerConfigured }, { io }) {
    if (requests.length === 0) return io.out("No pending pairing requests.");
    const nowMs = Date.now();
    io.out(`Pairing requests (${requests.length})`);
    const rows = requests.map(
      ({ channel, accountId, requestId, senderId, senderLabel, createdAt, expiresAt }) => [
        `  ${requestId}`,
        accountId === "default" ? channel : `${channel} ${accountId}`,
        senderLabel === undefined ? senderId : `${senderId} (${senderLabel})`,
        `asked ${formatUptime(Math.max(0, nowMs - Date.parse(createdAt)))} ago`,
        `holds ${formatUptime(Math.max(0, Date.parse(expiresAt) - nowMs))}`,
      ],
    );
    for (const line of tableLines(rows)) io.out(line);
    const [{ channel, requestId } = { channel: "", requestId: "" }] = requests;
    io.out(`  approve: openclaw pairing approve ${channel} ${requests.length === 1 ? requestId : "<CODE>"}`);
    if (!commandOwnerConfigured) io.out("  The first to be approved becomes the owner.");
  },
});

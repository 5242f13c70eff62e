import type { ChannelAccount } from "../../../channels/channel.ts";
import { CHANNELS } from "../../../channels/channels.gen.ts";
import { printable } from "../../../platform/printable.ts";
import { configuredAccounts, findChannel } from "../../channels/known-channel.ts";
import { defineCommand } from "../../command.ts";
import { tableLines } from "../../table-lines.ts";

interface Listed {
  accounts: (Pick<ChannelAccount, "channel" | "accountId" | "name" | "enabled" | "missing"> & {
    label: string;
  })[];
  unused: string[];
  available: string[];
}

export default defineCommand({
  summary: "List the accounts the config describes",
  description: ["Asks nobody: whether they work is said by openclaw channels status."],
  options: { channel: { type: "string", placeholder: "id", summary: "only this chat app" } },
  async run({ channel }, context): Promise<Listed> {
    const id = channel === undefined ? undefined : findChannel(channel, context.name).id;
    const { accounts, unknown } = configuredAccounts((await context.config()).config, context.env);
    return {
      accounts: accounts
        .filter((account) => id === undefined || account.channel === id)
        // Settings hold secrets and go no further.
        .map(({ channel, accountId, name, enabled, missing }) => ({
          ...{ channel, label: CHANNELS.find((each) => each.id === channel)!.label, accountId, enabled },
          ...(name !== undefined && { name }),
          ...(missing && { missing }),
        })),
      unused: unknown,
      available: CHANNELS.map((each) => each.id),
    };
  },
  render({ accounts, unused, available }, { io }) {
    if (accounts.length === 0) io.out("No chat app is configured. Add one: openclaw channels add");
    const rows = accounts.map(({ label, accountId, name, enabled, missing }) => [
      label,
      name === undefined ? accountId : `${accountId} (${name})`,
      enabled ? "enabled" : "disabled",
      missing ? `cannot run: ${missing.what}; fix: ${missing.fix}` : "configured",
    ]);
    for (const line of tableLines(rows)) io.out(line);
    for (const id of unused)
      io.out(printable(`${id}: kept in the config, not used: this version has no such channel`));
    io.out(`Available: ${available.join(", ")}`);
  },
});

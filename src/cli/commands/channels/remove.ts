import { repairConfig } from "../../../config/store.ts";
import { type ConfigChange, changeConfig, printChange } from "../../change-config.ts";
import { removalEdits } from "../../channels/account-edits.ts";
import { findAccount, findChannel, requireOne } from "../../channels/known-channel.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Switch an account off, or take it out of the config",
  description: [
    "Without --delete the account rests: its keys stay, and openclaw channels add switches it on again. What waits",
    "in the outbox for it stays there.",
  ],
  positionals: { platform: { summary: "which chat app: telegram, irc", optional: true } },
  options: {
    channel: { type: "string", placeholder: "id", summary: "the same as an option" },
    account: { type: "string", placeholder: "id", summary: "which of its accounts" },
    delete: { type: "boolean", summary: "take its keys out of the config, the token with them" },
    dryRun: { type: "boolean", summary: "show the difference, write nothing" },
  },
  examples: [
    "openclaw channels remove telegram",
    "openclaw channels remove telegram --account work --delete",
  ],
  async run({ platform, channel, account, delete: forget, dryRun }, context): Promise<ConfigChange> {
    const { config } = await context.config();
    const found = findChannel(requireOne(platform, channel, context.name), context.name);
    const { accountId } = findAccount(found, account, config, context.env);
    const edits = removalEdits(found, accountId, forget, config);
    return changeConfig(
      {
        title: `${forget ? "Removed" : "Disabled"} ${found.label} account "${accountId}".`,
        command: `${context.name} ${found.id}`,
        dryRun,
        write: (input) => repairConfig({ ...input, edits }),
      },
      context,
    );
  },
  render: printChange,
});

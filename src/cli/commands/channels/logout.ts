import { Fault } from "../../../platform/fault.ts";
import { findChannel, requireOne } from "../../channels/known-channel.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Log out of a chat app that links a phone",
  description: [
    "For platforms with a login by QR code. None of this version has one; the command says what to do instead.",
  ],
  positionals: { platform: { summary: "which chat app", optional: true } },
  options: {
    channel: { type: "string", placeholder: "id", summary: "the same as an option" },
    account: { type: "string", placeholder: "id", summary: "which of its accounts" },
  },
  run({ platform, channel, account }, { name }): never {
    const { id, label } = findChannel(requireOne(platform, channel, name), name);
    const which = account === undefined ? "" : ` --account ${account}`;
    throw new Fault(`${label} has no logout`, {
      why: "What stands for the account is its token or password in the config.",
      fix: `openclaw channels remove ${id} --delete${which}`,
    });
  },
});

import { Fault } from "../../../platform/fault.ts";
import { findChannel, requireOne } from "../../channels/known-channel.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Log in to a chat app that links a phone",
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
    throw new Fault(`${label} has no login`, {
      why: "An account of it is a token or a password in the config; web login provider is not available.",
      fix: `openclaw channels add --channel ${id}${which}`,
    });
  },
});

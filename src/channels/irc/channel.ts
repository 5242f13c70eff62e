import { defineChannel } from "../channel.ts";
import { ircAccounts } from "./accounts.ts";
import { formatMarkdown, MAX_TEXT_BYTES } from "./format.ts";

/** IRC by RFC 1459 and IRCv3, spoken by our own few files: see docs/irc.md. */
export default defineChannel({
  id: "irc",
  label: "IRC",
  capabilities: {
    chats: ["direct", "group"],
    maxTextLength: MAX_TEXT_BYTES,
    edit: false,
    react: false,
    typing: false,
    reply: false,
    maxUploadBytes: 0,
    maxDownloadBytes: 0,
    nativeCommands: false,
    // A network lets a nick in once: the second one would be called otherwise.
    exclusive: true,
  },
  accounts: ircAccounts,
  format: formatMarkdown,
  connect: async (input) => (await import("./connect.ts")).connectIrc(input),
  probe: async (account, input) => (await import("./probe.ts")).probeIrc(account, input),
});

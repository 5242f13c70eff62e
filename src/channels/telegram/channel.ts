import { defineChannel } from "../channel.ts";
import { telegramAccounts } from "./accounts.ts";
import { formatMarkdown, MAX_TEXT } from "./format.ts";

const MEGABYTE = 1_024 * 1_024;

/** Telegram by its Bot API, polling or called by webhook. */
export default defineChannel({
  id: "telegram",
  label: "Telegram",
  capabilities: {
    chats: ["direct", "group", "thread"],
    maxTextLength: MAX_TEXT,
    edit: true,
    react: true,
    typing: true,
    reply: true,
    maxUploadBytes: 50 * MEGABYTE,
    maxDownloadBytes: 20 * MEGABYTE,
    nativeCommands: true,
    exclusive: true,
  },
  accounts: telegramAccounts,
  format: formatMarkdown,
  connect: async (input) => (await import("./connect.ts")).connect(input),
  probe: async (account, input) => (await import("./probe.ts")).probe(account, input),
});

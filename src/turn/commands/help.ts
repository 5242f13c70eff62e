import { defineChatCommand } from "../chat-command.ts";
import { CHAT_COMMANDS } from "../commands.gen.ts";

export default defineChatCommand({
  name: "help",
  aliases: ["commands"],
  description: "List these commands",
  category: "status",
  when: "at-once",
  run: () =>
    [
      "Commands:",
      ...CHAT_COMMANDS.map(
        ({ name, args, description }) => `/${name}${args ? ` ${args}` : ""} — ${description}`,
      ),
    ].join("\n"),
});

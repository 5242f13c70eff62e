import { defineChatCommand } from "../chat-command.ts";
import { beginAnew } from "../session-reset.ts";

export default defineChatCommand({
  name: "new",
  description: "Begin a new conversation; what follows is its first message",
  args: "[message]",
  category: "session",
  when: "in-order",
  needs: "session",
  interrupts: true,
  passesOn: true,
  run: (context) => beginAnew(context, "A new conversation begins here."),
});

import { defineChatCommand } from "../chat-command.ts";
import { beginAnew } from "../session-reset.ts";

export default defineChatCommand({
  name: "reset",
  description: "Forget this conversation and begin again; what follows is its first message",
  args: "[message]",
  category: "session",
  when: "in-order",
  needs: "session",
  interrupts: true,
  passesOn: true,
  run: (context) => beginAnew(context, "The conversation is reset."),
});

import { defineChatCommand } from "../chat-command.ts";

export default defineChatCommand({
  name: "stop",
  aliases: ["abort"],
  description: "End what is running or waiting in this conversation",
  category: "session",
  when: "at-once",
  needs: "settings",
  run({ turn, services }) {
    const reached = services.lanes.abort(turn.session.key, undefined, "stopped by /stop").length;
    if (reached === 0) return "Nothing is running.";
    return reached === 1 ? "Stopped." : `Stopped: 1 run, and ${reached - 1} that waited behind it.`;
  },
});

import { THINKING_LEVELS } from "../../agent/thinking.ts";
import { changeSession } from "../../sessions/change.ts";
import { defineChatCommand } from "../chat-command.ts";

export default defineChatCommand({
  name: "think",
  aliases: ["thinking", "t"],
  description: "Show or set how much the model thinks in this conversation",
  args: "[off|minimal|low|medium|high|default]",
  category: "options",
  when: "at-once",
  needs: "settings",
  run({ turn, args, services }) {
    const { store, clock, onChange } = services;
    const session = store.find(turn.session.key) ?? turn.session;
    const level = args.toLowerCase();
    if (level === "") {
      const own = session.settings.thinkingLevel;
      return `Thinking: ${own ?? "as the agent is set"}. Change it: /think ${THINKING_LEVELS.slice(0, 5).join("|")}|default`;
    }
    if (level !== "default" && !(THINKING_LEVELS as readonly string[]).includes(level))
      return `"${args}" is no level of thinking. There are: ${THINKING_LEVELS.join(", ")}, and "default".`;
    changeSession(store, session, { thinkingLevel: level === "default" ? null : level }, clock.now());
    onChange(session.key, { reason: "start", runId: turn.runId });
    return level === "default"
      ? "Thinking: as the agent is set."
      : `Thinking: ${level}, from the next message on.`;
  },
});

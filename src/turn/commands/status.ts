import { tokensOfAll } from "../../agent/tokens.ts";
import { grouped } from "../../platform/grouped.ts";
import { readConversation } from "../../sessions/compaction.ts";
import { capLines } from "../budget.ts";
import { defineChatCommand } from "../chat-command.ts";
import { currentAgent, refOf, targetOf } from "../run-input.ts";

export default defineChatCommand({
  name: "status",
  description: "Show model, context and what is going on in this conversation",
  category: "status",
  when: "at-once",
  async run({ turn, services }) {
    const { store, lanes, windows, clock, modelCalls } = services;
    const session = store.find(turn.session.key) ?? turn.session;
    const agent = currentAgent(turn, services);
    const target = await targetOf(turn, services);
    const { summary, messages } = readConversation(store.database, session.sessionId);
    const used = tokensOfAll(messages) + Math.ceil((summary?.length ?? 0) / 4);
    const lines = [`Agent: ${agent.name ?? agent.id}`];
    if (target.kind === "usable") {
      const window = windows.of(target.target, agent.contextTokens);
      lines.push(
        `Model: ${refOf(target.target)}${session.settings.model ? " (chosen for this conversation)" : ""}`,
        `Context: about ${grouped(used)} of ${grouped(window)} tokens`,
      );
    } else lines.push(`Model: none can be used: ${target.why}`);
    if (summary !== undefined) lines.push("The older part is kept as a summary.");
    lines.push(`Thinking: ${session.settings.thinkingLevel ?? "as the agent is set"}`);
    const { active, waiting } = lanes.depths().find(({ lane }) => lane === session.key) ?? {
      active: 0,
      waiting: 0,
    };
    lines.push(
      active === 0 ? "Nothing is running." : `Running: 1, waiting behind it: ${waiting}. End it: /stop`,
    );
    lines.push(...capLines(agent, modelCalls, clock.now()), `Session: ${session.key}`);
    return lines.join("\n");
  },
});

import { grouped } from "../../platform/grouped.ts";
import { capLines, periodStart } from "../budget.ts";
import { defineChatCommand } from "../chat-command.ts";
import { currentAgent } from "../run-input.ts";

export default defineChatCommand({
  name: "usage",
  aliases: ["cost"],
  description: "Show tokens and money of this conversation and its agent",
  category: "status",
  when: "at-once",
  run({ turn, services }) {
    const { store, modelCalls, clock } = services;
    const session = store.find(turn.session.key) ?? turn.session;
    const agent = currentAgent(turn, services);
    const now = clock.now();
    const lines = [
      `This conversation: ${grouped(session.inputTokens)} tokens in, ${grouped(session.outputTokens)} out`,
    ];
    for (const period of ["day", "month"] as const) {
      const { usd, tokens, unpriced } = modelCalls.spent(agent.id, periodStart(period, now));
      const unknown = unpriced > 0 ? `, ${unpriced} call${unpriced === 1 ? "" : "s"} without a price` : "";
      const when = period === "day" ? "Today" : "This month";
      lines.push(`${when}, agent ${agent.id}: ${grouped(tokens)} tokens, ${usd.toFixed(2)} USD${unknown}`);
    }
    return [...lines, ...capLines(agent, modelCalls, now)].join("\n");
  },
});

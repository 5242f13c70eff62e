import { Fault } from "../../platform/fault.ts";
import { changeSession } from "../../sessions/change.ts";
import { type CommandContext, defineChatCommand } from "../chat-command.ts";
import { currentAgent, refOf, targetOf } from "../run-input.ts";

export default defineChatCommand({
  name: "model",
  aliases: ["models"],
  description: "Show or choose the model of this conversation",
  args: "[provider/model|default]",
  category: "options",
  when: "at-once",
  needs: "settings",
  async run(context) {
    const { args } = context;
    if (args === "" || args === "status" || args === "list") return await shown(context);
    if (args === "default") {
      choose(context, null);
      return await shown(context);
    }
    const { turn, services } = context;
    try {
      const { targets } = await services.chooseModel(currentAgent(turn, services), args);
      const ref = refOf(targets[0]);
      choose(context, ref);
      return `Model: ${ref}, from the next message on.`;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [`The model stays as it is: ${error.message}.`, error.why, error.fix && `Fix: ${error.fix}`]
        .filter(Boolean)
        .join("\n");
    }
  },
});

function choose({ turn, services }: CommandContext, model: string | null): void {
  const { store, clock, onChange } = services;
  const session = store.find(turn.session.key) ?? turn.session;
  changeSession(store, session, { model }, clock.now());
  onChange(session.key, { reason: "start", runId: turn.runId });
}

async function shown({ turn, services }: CommandContext): Promise<string> {
  const { settings } = services.store.find(turn.session.key) ?? turn.session;
  const agent = currentAgent(turn, services);
  const target = await targetOf(turn, services);
  const lines = [
    target.kind === "usable" ? `Model: ${refOf(target.target)}` : `No model can be used: ${target.why}`,
  ];
  lines[0] += settings.model ? " (chosen for this conversation)" : " (of the agent)";
  const fallbacks = settings.model ? [] : (agent.model?.fallbacks ?? []);
  if (fallbacks.length > 0) lines.push(`Then: ${fallbacks.join(", ")}`);
  lines.push("Change it: /model <provider>/<model>; back to the agent's: /model default");
  return lines.join("\n");
}

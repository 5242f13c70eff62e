import { isDeepStrictEqual } from "node:util";
import { updateConfig } from "../../../config/store.ts";
import { Fault } from "../../../platform/fault.ts";
import { bindingsOf, describeMatch, requireAgentId } from "../../agent-config.ts";
import { bindingOptions, matchOf } from "../../binding-options.ts";
import { type ConfigChange, changeConfig, printChange } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Have the messages of a chat app, an account or a person go to this agent",
  description: ["The narrower of two bindings wins. What is bound to nobody goes to the default agent."],
  positionals: { id: { summary: "which agent" } },
  options: { ...bindingOptions, dryRun: { type: "boolean", summary: "show the difference, write nothing" } },
  examples: [
    "openclaw agents bind work --channel slack",
    "openclaw agents bind home --channel telegram --peer direct:12345",
  ],
  async run({ id: typed, dryRun, ...which }, context): Promise<ConfigChange> {
    const { config } = await context.config();
    const agentId = requireAgentId(typed, config, context.paths);
    const binding = { agentId, match: matchOf(which, ["agents", "bind"]) };
    const bindings = bindingsOf(config);
    const taken = bindings.find(({ match }) => isDeepStrictEqual(match, binding.match));
    if (taken && taken.agentId.toLowerCase() !== agentId) {
      throw new Fault(`${describeMatch(binding)} is bound to agent ${taken.agentId} already`, {
        fix: `openclaw agents unbind ${taken.agentId} --channel ${binding.match.channel}`,
      });
    }
    const value = taken ? bindings : [...bindings, binding];
    return await changeConfig(
      {
        title: `Messages of ${describeMatch(binding)} go to agent ${agentId}.`,
        keys: ["bindings"],
        command: `${context.name} ${agentId}`,
        dryRun,
        write: (input) => updateConfig({ ...input, edits: [{ path: ["bindings"], value }] }),
      },
      context,
    );
  },
  render: printChange,
});

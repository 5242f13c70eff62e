import { configuredAgents } from "../../../config/agents.ts";
import { updateConfig } from "../../../config/store.ts";
import { Fault } from "../../../platform/fault.ts";
import { bindingsOf, type Edit, placesOf, requireAgentId } from "../../agent-config.ts";
import { type ConfigChange, changeConfig, printChange } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Take an agent out of the config, with what is bound to it",
  description: ["Its conversations and its workspace stay where they are."],
  positionals: { id: { summary: "which agent" } },
  options: { dryRun: { type: "boolean", summary: "show the difference, write nothing" } },
  examples: ["openclaw agents delete work"],
  async run({ id: typed, dryRun }, context): Promise<ConfigChange> {
    const { config } = await context.config();
    const id = requireAgentId(typed, config, context.paths);
    const agents = configuredAgents(config, context.paths);
    const places = placesOf(id, config);
    if (agents.length === 1 || places.length === 0) {
      throw new Fault(`agent "${id}" cannot be deleted: it is the only one`, {
        why: "there is always one agent that answers",
        fix: "openclaw agents add <id>",
      });
    }
    const bindings = bindingsOf(config);
    const left = bindings.filter(({ agentId }) => agentId.toLowerCase() !== id);
    const edits: Edit[] = places.map((path) => ({ path, value: undefined }));
    if (left.length < bindings.length)
      edits.push({ path: ["bindings"], value: left.length > 0 ? left : undefined });
    const { workspace, isDefault } = agents.find((agent) => agent.id === id)!;
    const change = await changeConfig(
      {
        title: `Deleted agent ${id}.`,
        command: `${context.name} ${id}`,
        dryRun,
        write: (input) => updateConfig({ ...input, edits }),
      },
      context,
    );
    if (!dryRun) context.io.note(`notice: its workspace stays: ${workspace}`);
    if (isDefault)
      context.io.note(`notice: ${agents.find((agent) => agent.id !== id)!.id} is the default agent now`);
    return change;
  },
  render: printChange,
});

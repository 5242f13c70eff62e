import { configuredAgents } from "../../../config/agents.ts";
import { AGENT_ID } from "../../../config/schema/agents.ts";
import { updateConfig } from "../../../config/store.ts";
import { Fault } from "../../../platform/fault.ts";
import { editsForNew } from "../../agent-config.ts";
import { type ConfigChange, changeConfig, printChange } from "../../change-config.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Add an agent to the config",
  description: ["It gets a workspace of its own, which is furnished with its first message."],
  positionals: { id: { summary: "letters, digits, _ and -, for example work" } },
  options: {
    name: { type: "string", placeholder: "text", summary: "what it is called" },
    model: { type: "string", placeholder: "provider/model", summary: "its model (that of all agents)" },
    workspace: { type: "string", placeholder: "folder", summary: "where it works (a folder of its own)" },
    dryRun: { type: "boolean", summary: "show the difference, write nothing" },
  },
  examples: ["openclaw agents add work --name Work --model anthropic/claude-sonnet-5"],
  async run({ id: typed, name, model, workspace, dryRun }, context): Promise<ConfigChange> {
    const id = typed.toLowerCase();
    if (!AGENT_ID.test(id)) {
      throw new Fault(`"${typed}" cannot be the id of an agent`, {
        why: "an id is made of letters, digits, _ and -, begins with a letter or digit, and has at most 64 of them",
        fix: "openclaw agents add work --name <any name>",
      });
    }
    const { config } = await context.config();
    if (configuredAgents(config, context.paths).some((agent) => agent.id === id)) {
      throw new Fault(`there is an agent "${id}" already`, { fix: "openclaw agents list" });
    }
    const settings = {
      ...(name !== undefined && { name }),
      ...(model !== undefined && { model }),
      ...(workspace !== undefined && { workspace }),
    };
    const edits = editsForNew(id, settings, config);
    const change = await changeConfig(
      {
        title: `Added agent ${id}.`,
        command: `${context.name} ${id}`,
        dryRun,
        write: (input) => updateConfig({ ...input, edits }),
      },
      context,
    );
    if (!dryRun) context.io.note(`talk to it: openclaw agent --agent ${id} -m "hello"`);
    return change;
  },
  render: printChange,
});

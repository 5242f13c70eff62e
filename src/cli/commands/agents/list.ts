import { defaultChoice } from "../../../agent/catalog.ts";
import { configuredAgents } from "../../../config/agents.ts";
import { bindingsOf, describeMatch } from "../../agent-config.ts";
import { defineCommand } from "../../command.ts";
import { tableLines } from "../../table-lines.ts";

export default defineCommand({
  summary: "Show the agents of the config",
  options: {},
  async run(_args, context) {
    const { config } = await context.config();
    const bindings = bindingsOf(config);
    const shared = defaultChoice(config).primary;
    return {
      agents: configuredAgents(config, context.paths).map(({ id, name, isDefault, workspace, model }) => ({
        id,
        ...(name !== undefined && { name }),
        isDefault,
        workspace,
        model: model?.primary ?? shared ?? null,
        bindings: bindings.filter(({ agentId }) => agentId.toLowerCase() === id).map(describeMatch),
      })),
    };
  },
  render({ agents }, { io }) {
    const rows = agents.map(({ id, name, isDefault, workspace, model, bindings }) => [
      isDefault ? `${id} (default)` : id,
      name ?? "",
      model ?? "found at start",
      workspace,
      bindings.length > 0 ? bindings.join("; ") : isDefault ? "everything else" : "only when named",
    ]);
    for (const line of tableLines([["Agent", "Name", "Model", "Workspace", "Messages"], ...rows]))
      io.out(line);
  },
});

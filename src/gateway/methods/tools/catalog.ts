import * as v from "valibot";
import { defaultAgentId } from "../../../config/agents.ts";
import { TOOLS } from "../../../tools/tools.gen.ts";
import { defineMethod } from "../../method.ts";
import { requireAgent } from "../../require-agent.ts";
import { shownTool } from "../../shown-tool.ts";

const LABELS = { file: "Files", command: "Commands", other: "Other" } as const;

/** Every tool this version has, whatever policies say; `tools.effective` is what an agent may use. */
export default defineMethod({
  name: "tools.catalog",
  scope: "operator.read",
  params: v.object({ agentId: v.optional(v.string()), includePlugins: v.optional(v.boolean()) }),
  run({ agentId }, { services }) {
    const { id } = requireAgent(agentId ?? defaultAgentId(services.loaded.config), services);
    const groups = Object.entries(LABELS).map(([kind, label]) => ({
      id: kind,
      label,
      source: "core" as const,
      tools: TOOLS.filter((tool) => tool.kind === kind).map((tool) => ({
        ...shownTool(tool),
        defaultProfiles: ["coding", "full"] as const,
      })),
    }));
    return {
      agentId: id,
      profiles: ["minimal", "coding", "messaging", "full"].map((name) => ({ id: name, label: name })),
      groups: groups.filter(({ tools }) => tools.length > 0),
    };
  },
});

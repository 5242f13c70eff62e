import * as v from "valibot";
import { AGENT_FILES, describeFile } from "../../../agent-files.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";
import { requireAgent } from "../../../require-agent.ts";

/** The files an agent is instructed by, and which of them there are. */
export default defineMethod({
  name: "agents.files.list",
  scope: "operator.read",
  params: v.object({ agentId: identifier }),
  async run({ agentId }, { services }) {
    const { id, workspace } = requireAgent(agentId, services);
    const files = await Promise.all(AGENT_FILES.map((name) => describeFile(workspace, name)));
    return { agentId: id, workspace, files };
  },
});

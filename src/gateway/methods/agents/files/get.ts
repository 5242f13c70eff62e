import * as v from "valibot";
import { AGENT_FILES, readAgentFile } from "../../../agent-files.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";
import { requireAgent } from "../../../require-agent.ts";

/** One of the files an agent is instructed by. */
export default defineMethod({
  name: "agents.files.get",
  scope: "operator.read",
  params: v.object({ agentId: identifier, name: v.picklist(AGENT_FILES) }),
  async run({ agentId, name }, { services }) {
    const { id, workspace } = requireAgent(agentId, services);
    return { agentId: id, workspace, file: await readAgentFile(workspace, name) };
  },
});

import * as v from "valibot";
import { AGENT_FILES, writeAgentFile } from "../../../agent-files.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";
import { requireAgent } from "../../../require-agent.ts";

/** Replaces one of the files an agent is instructed by; its next turn reads it. */
export default defineMethod({
  name: "agents.files.set",
  scope: "operator.admin",
  params: v.object({
    agentId: identifier,
    name: v.picklist(AGENT_FILES),
    content: v.pipe(v.string(), v.maxLength(1_000_000)),
  }),
  async run({ agentId, name, content }, { services }) {
    const { id, workspace } = requireAgent(agentId, services);
    return {
      ok: true as const,
      agentId: id,
      workspace,
      file: await writeAgentFile(workspace, name, content),
    };
  },
});

import * as v from "valibot";
import { GatewayError } from "../../../protocol/errors.ts";
import { requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { requireAgent } from "../../require-agent.ts";
import { shownTool } from "../../shown-tool.ts";

/** The tools a session's agent may use, after all policies. */
export default defineMethod({
  name: "tools.effective",
  scope: "operator.read",
  params: v.object({ sessionKey: SessionKeyText, agentId: v.optional(v.string()) }),
  run({ sessionKey, agentId }, { services }) {
    const key = requireKey(sessionKey, agentId, services);
    if (!services.turns.store.find(key.text))
      throw new GatewayError("INVALID_REQUEST", `unknown session key "${sessionKey}"`);
    const agent = requireAgent(key.agentId, services);
    const tools = services.turns.toolsOf(agent).map((tool) => ({
      ...shownTool(tool),
      rawDescription: tool.description,
    }));
    const profile = agent.settings.tools?.profile ?? services.loaded.config.tools?.profile ?? "full";
    return {
      agentId: agent.id,
      profile,
      groups: [{ id: "core" as const, label: "Built in", source: "core" as const, tools }],
    };
  },
});

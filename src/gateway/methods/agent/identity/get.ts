import * as v from "valibot";
import { defaultAgentId } from "../../../../config/agents.ts";
import { requireKey } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";
import { requireAgent } from "../../../require-agent.ts";

/** Who answers: the name, picture and emoji that clients show. */
export default defineMethod({
  name: "agent.identity.get",
  scope: "operator.read",
  params: v.object({ agentId: v.optional(v.string()), sessionKey: v.optional(v.string()) }),
  run({ agentId, sessionKey }, { services }) {
    const ofSession = sessionKey ? requireKey(sessionKey, agentId, services).agentId : undefined;
    const agent = requireAgent(agentId ?? ofSession ?? defaultAgentId(services.loaded.config), services);
    const { name: identityName, emoji, avatar } = agent.settings.identity ?? {};
    const name = identityName ?? agent.name;
    return {
      agentId: agent.id,
      name: name ?? agent.id,
      nameSource: name === undefined ? ("default" as const) : ("config" as const),
      ...(avatar && { avatar }),
      avatarStatus: avatar ? avatarStatus(avatar) : ("none" as const),
      ...(emoji && { emoji }),
    };
  },
});

function avatarStatus(avatar: string): "data" | "remote" | "local" {
  if (avatar.startsWith("data:")) return "data";
  return /^https?:/.test(avatar) ? "remote" : "local";
}

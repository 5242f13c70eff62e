import type { ConfiguredAgent } from "../config/agents.ts";
import { GatewayError } from "../protocol/errors.ts";
import type { GatewayServices } from "./services.ts";

/** The agent of this id; refuses where the config has none. */
export function requireAgent(agentId: string, { turns }: GatewayServices): ConfiguredAgent {
  const agent = turns.agents().find(({ id }) => id === agentId.toLowerCase());
  if (agent) return agent;
  throw new GatewayError("INVALID_REQUEST", `unknown agent id "${agentId.slice(0, 64)}"`, {
    detail: "UNKNOWN_AGENT_ID",
    details: { agentId: agentId.slice(0, 64) },
    hint: "see which there are: openclaw agents list",
  });
}

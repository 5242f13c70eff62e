import type { ConfiguredAgent } from "../config/agents.ts";
import { isReserved, parseSessionKey, type SessionKey } from "../sessions/keys.ts";
import type { InboundMessage } from "./message.ts";
import type { Dropped } from "./outcome.ts";

export interface Route {
  kind: "routed";
  key: SessionKey;
  agent: ConfiguredAgent;
}

/** Pure: which session and which agent a message belongs to. An explicit agent must agree with the key. */
export function resolveRoute(message: InboundMessage, agents: readonly ConfiguredAgent[]): Route | Dropped {
  const fallback = agents.find((agent) => agent.isDefault) ?? agents[0]!;
  const key = parseSessionKey(message.sessionKey, message.agentId ?? fallback.id);
  if (!key) {
    return dropped(
      "bad-session-key",
      `"${message.sessionKey}" is not a session key (agent:<id>:<name>, no spaces)`,
    );
  }
  if (message.agentId !== undefined && message.agentId.toLowerCase() !== key.agentId) {
    return dropped("bad-session-key", `session ${key.text} does not belong to agent "${message.agentId}"`);
  }
  const agent = agents.find((candidate) => candidate.id === key.agentId);
  if (!agent) {
    const message = `Agent "${key.agentId}" no longer exists in configuration`;
    return { kind: "dropped", reason: "unknown-agent", message, agentId: key.agentId };
  }
  if (message.surface === "http" && isReserved(key)) {
    return dropped("reserved-session-key", `${key.text} lies in a namespace the gateway keeps for itself`);
  }
  return { kind: "routed", key, agent };
}

function dropped(reason: Dropped["reason"], message: string): Dropped {
  return { kind: "dropped", reason, message };
}

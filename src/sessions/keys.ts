/** `agent:<agentId>:<rest>`, parsed once at the edge; everything behind it takes the value, not the string. */
export interface SessionKey {
  /** Canonical spelling; the primary key of a session. */
  readonly text: string;
  readonly agentId: string;
  /** What follows the agent, e.g. "main" or "openai-user:alice". */
  readonly rest: string;
}

const AGENT_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;
// Printable, no spaces: keys appear in logs, URLs and file listings.
const REST = /^[^\s\p{C}]{1,400}$/u;

/** Sessions the gateway makes for itself; a stranger may not pick them by header or parameter. */
const RESERVED = new Set(["cron", "subagent", "hook", "acp"]);

/** Short keys ("main", "lab1") belong to the default agent. Undefined when the text cannot be a key. */
export function parseSessionKey(text: string, defaultAgentId: string): SessionKey | undefined {
  const trimmed = text.trim();
  const qualified = /^agent:([^:]*):(.*)$/su.exec(trimmed);
  const agentId = (qualified ? qualified[1]! : defaultAgentId).toLowerCase();
  const rest = qualified ? qualified[2]! : trimmed;
  if (!AGENT_ID.test(agentId) || !REST.test(rest)) return undefined;
  return { text: `agent:${agentId}:${rest}`, agentId, rest };
}

export function sessionKey(agentId: string, rest: string): SessionKey {
  return { text: `agent:${agentId}:${rest}`, agentId, rest };
}

export function isReserved(key: SessionKey): boolean {
  return RESERVED.has(key.rest.split(":", 1)[0]!);
}

import type { IncomingMessage } from "node:http";
import { isReserved, parseSessionKey } from "../../sessions/keys.ts";
import { header } from "./agent-request.ts";

/** For whom a tool is called: by headers, or by the body where there are none. */
export function callerOf(
  headers: IncomingMessage["headers"],
  inBody: unknown,
): { sessionKey?: string; agentId?: string } | { problem: string } {
  const agentId = header(headers, "x-openclaw-agent-id");
  const sessionKey =
    header(headers, "x-openclaw-session-key") ?? (inBody === undefined ? undefined : String(inBody));
  const key = sessionKey === undefined ? undefined : parseSessionKey(sessionKey, agentId ?? "main");
  if (sessionKey !== undefined && !key) return { problem: "sessionKey is not a session key" };
  if (key && isReserved(key))
    return { problem: "sessionKey cannot use reserved internal session namespaces" };
  return { ...(sessionKey !== undefined && { sessionKey }), ...(agentId !== undefined && { agentId }) };
}

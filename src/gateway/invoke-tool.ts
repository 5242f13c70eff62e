import { randomUUID } from "node:crypto";
import { getDotPath, safeParse } from "valibot";
import { defaultAgentId } from "../config/agents.ts";
import { parseSessionKey } from "../sessions/keys.ts";
import type { GatewayServices } from "./services.ts";

export interface ToolInvocation {
  name: string;
  args: Record<string, unknown>;
  sessionKey?: string | undefined;
  agentId?: string | undefined;
  /** For the log: who asked. */
  surface: "rpc" | "http";
}

export type ToolOutcome =
  | { ok: true; content: { type: "text"; text: string }[]; details?: Record<string, unknown> }
  /** `not_found`: unknown and forbidden look alike, so that nobody learns what there would be. */
  | { ok: false; code: "not_found" | "invalid_request" | "tool_error"; message: string };

/**
 * What changes this machine or speaks for its owner is not called past the agent. Exact names: another spelling is
 * another name, and there is no such tool (HTTP-04).
 */
const DENIED_BY_DEFAULT: ReadonlySet<string> = new Set([
  ...[
    "exec",
    "process",
    "spawn",
    "shell",
    "write",
    "edit",
    "apply_patch",
    "fs_write",
    "fs_delete",
    "fs_move",
  ],
  ...["sessions_spawn", "sessions_send", "message", "cron", "gateway", "nodes", "browser"],
]);

/** One tool, once, without a model. */
export async function invokeTool(
  { name, args, sessionKey, agentId, surface }: ToolInvocation,
  services: GatewayServices,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const { turns, sink, clock } = services;
  const { allow = [], deny = [] } = services.loaded.config.gateway?.tools ?? {};
  const key = parseSessionKey(sessionKey ?? "main", agentId ?? defaultAgentId(services.loaded.config));
  const agent = turns.agents().find(({ id }) => id === key?.agentId);
  if (!key || !agent) return { ok: false, code: "invalid_request", message: "no such session or agent" };
  const forbidden = deny.includes(name) || (DENIED_BY_DEFAULT.has(name) && !allow.includes(name));
  const tool = forbidden ? undefined : turns.toolsOf(agent).find((candidate) => candidate.name === name);
  const log = sink.log.child("tools");
  if (!tool) {
    log.info("tool refused", {
      tool: name.slice(0, 64),
      sessionKey: key.text,
      surface,
      outcome: "not_found",
    });
    return { ok: false, code: "not_found", message: `Tool not available: ${name.slice(0, 64)}` };
  }
  const parsed = safeParse(tool.input, args);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const at = getDotPath(issue);
    return { ok: false, code: "invalid_request", message: `${at ? `${at}: ` : ""}${issue.message}` };
  }
  const beganAt = clock.monotonic();
  const toolCallId = `invoke-${randomUUID()}`;
  const done = (outcome: string) =>
    log.info("tool invoked", {
      tool: name,
      sessionKey: key.text,
      surface,
      outcome,
      durationMs: Math.round(clock.monotonic() - beganAt),
    });
  try {
    // Makes the folder where no turn has been yet.
    turns.workspaceFiles(agent.workspace);
    const { text, details } = await tool.run(parsed.output, {
      agentId: agent.id,
      sessionKey: key.text,
      runId: toolCallId,
      toolCallId,
      workspace: agent.workspace,
      childEnv: turns.childEnv,
      signal,
      progress: () => {},
    });
    done("ok");
    return { ok: true, content: [{ type: "text", text }], ...(details && { details }) };
  } catch (error) {
    done("failed");
    return { ok: false, code: "tool_error", message: error instanceof Error ? error.message : String(error) };
  }
}

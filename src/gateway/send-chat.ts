import type { InferOutput } from "valibot";
import type { QueueMode } from "../turn/message.ts";
import { takeTurn } from "../turn/turn.ts";
import { type Attachments, imagesOf } from "./attachments.ts";
import { commandRights } from "./command-rights.ts";
import { requireIdempotencyKey, requireTarget } from "./fields.ts";
import { acceptedOrThrow, limitRun } from "./intake.ts";
import type { MethodContext } from "./method.ts";

export interface ChatMessage {
  method: "chat.send" | "sessions.send" | "sessions.create";
  sessionKey: string;
  agentId?: string | undefined;
  message: string;
  idempotencyKey: string;
  attachments: InferOutput<typeof Attachments>;
  thinking?: string | undefined;
  timeoutMs?: number | undefined;
  queueMode?: QueueMode;
}

export interface ChatSent {
  runId: string;
  status: "started" | "in_flight" | "ok" | "error";
}

/** A message of a client to a session's agent; the reply arrives as events (protocol.md §10.1). */
export function sendChat(message: ChatMessage, { services, connection }: MethodContext): ChatSent {
  const { method, sessionKey, agentId, attachments, thinking, timeoutMs, queueMode = "followup" } = message;
  const taken = takeTurn(
    {
      surface: "chat.send",
      runId: requireIdempotencyKey(message.idempotencyKey, method),
      sessionKey: requireTarget(sessionKey, method),
      agentId,
      text: message.message,
      images: imagesOf(attachments),
      queueMode,
      model: undefined,
      thinking,
      extraSystemPrompt: undefined,
      commands: commandRights(connection),
      originConnId: connection.id,
      resumable: true,
    },
    services.turns,
  );
  if (taken.kind === "duplicate") {
    const { runId, state } = taken.record;
    if (state === "accepted" || state === "running") return { runId, status: "in_flight" };
    return { runId, status: state === "ok" || state === "merged" ? "ok" : "error" };
  }
  const accepted = acceptedOrThrow(taken, method);
  connection.ownKeys.add(accepted.sessionKey);
  if (timeoutMs !== undefined) limitRun(accepted, timeoutMs, services);
  return { runId: accepted.runId, status: "started" };
}

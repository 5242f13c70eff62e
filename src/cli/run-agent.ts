import { randomUUID } from "node:crypto";
import { Fault } from "../platform/fault.ts";
import { printable } from "../platform/printable.ts";
import { ConnectionError, type GatewayConnection } from "../protocol/client.ts";
import { GatewayError } from "../protocol/errors.ts";
import { type EventFrame, isRecord } from "../protocol/frames.ts";
import type { CommandContext } from "./context.ts";
import { paint } from "./io.ts";
import { openPassingGateway } from "./passing-gateway.ts";
import { replyText } from "./reply-text.ts";

/** The second answer of `agent` (protocol.md §10.2). */
export interface AgentAnswer {
  runId: string;
  status: string;
  summary?: string;
  error?: string;
  /** The terminal has shown the text already. */
  streamed?: true;
  result?: { payloads?: { text?: string }[]; meta?: Record<string, unknown> };
}

export interface AgentArgs {
  message: string;
  agent: string | undefined;
  sessionKey: string | undefined;
  sessionId: string | undefined;
  model: string | undefined;
  local: boolean;
  json: boolean;
  thinking: string | undefined;
  timeout: number;
}

/** The gateway ends a run at the deadline by itself; this is how long its last word may take. */
const LAST_WORD_MS = 10_000;
const ABORT_MS = 3_000;
/** Starting a session over is the owner's right (protocol.md §7.2). */
const ADMIN_MESSAGE = /^\/(new|reset|compact)\b/;

/** Runs one turn and waits for its end. A run that fails is an answer too; throws `Fault` (1) when there is none. */
export async function runAgent(args: AgentArgs, context: CommandContext): Promise<AgentAnswer> {
  const runId = randomUUID();
  const { io, signal } = context;
  await using _passing = args.local ? await openPassingGateway(context) : undefined;
  const shown = io.terminal && !args.json && io.part ? showText(runId, io.part) : undefined;
  const watches = io.watched || context.verbose;
  const onEvent = (event: EventFrame) => {
    shown?.onEvent(event);
    if (watches) showActivity(event, runId, context);
  };
  const connection = await context.connect({
    scopes: [ADMIN_MESSAGE.test(args.message) ? "operator.admin" : "operator.write", "operator.read"],
    surface: "send",
    ...(args.local && { byOwner: true as const }),
    ...((watches || shown) && { onEvent }),
  });
  let sessionKey: string | undefined;
  const answer = connection.call<AgentAnswer>("agent", agentParams(args, runId), {
    timeoutMs: args.timeout + LAST_WORD_MS,
    onAccepted(payload) {
      if (isRecord(payload) && typeof payload.sessionKey === "string") sessionKey = payload.sessionKey;
    },
  });
  const stop = () => void abortRun(connection, runId, sessionKey ?? args.sessionKey ?? "main");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const last = await answer;
    return shown?.end() ? { ...last, streamed: true } : last;
  } catch (error) {
    shown?.end();
    throw asFault(error, sessionKey !== undefined);
  }
}

/** Text as it comes; what an agent says between its tools stands in paragraphs of its own. */
function showText(runId: string, part: (text: string) => void) {
  let item: unknown;
  return {
    onEvent({ event, payload }: EventFrame): void {
      if (
        event !== "agent" ||
        !isRecord(payload) ||
        payload.runId !== runId ||
        payload.stream !== "assistant"
      )
        return;
      const { data } = payload;
      if (!isRecord(data) || typeof data.delta !== "string") return;
      if (item !== undefined && item !== data.itemId) part("\n\n");
      item = data.itemId;
      part(replyText(data.delta));
    },
    /** True where there was any. */
    end(): boolean {
      if (item !== undefined) part("\n");
      return item !== undefined;
    },
  };
}

function agentParams(args: AgentArgs, runId: string): Record<string, unknown> {
  const { message, agent, sessionKey, sessionId, model, thinking, timeout } = args;
  return {
    message,
    idempotencyKey: runId,
    deliver: false,
    timeout: Math.ceil(timeout / 1_000),
    ...(agent !== undefined && { agentId: agent }),
    ...(sessionKey !== undefined && { sessionKey }),
    ...(sessionId !== undefined && { sessionId }),
    ...(model !== undefined && { model }),
    ...(thinking !== undefined && { thinking }),
  };
}

function showActivity({ event, payload }: EventFrame, runId: string, { io }: CommandContext): void {
  if (event !== "agent" || !isRecord(payload) || payload.runId !== runId || payload.stream !== "item") return;
  const { data } = payload;
  if (!isRecord(data) || data.phase !== "start" || typeof data.title !== "string") return;
  io.note(paint(io.color.note).dim(printable(`· ${data.title}`)));
}

/** The run then ends with its own last word, which the caller is waiting for. */
async function abortRun(connection: GatewayConnection, runId: string, sessionKey: string): Promise<void> {
  const gone = await connection.call("chat.abort", { sessionKey, runId }, { timeoutMs: ABORT_MS }).then(
    () => false,
    () => true,
  );
  if (gone) connection.close();
}

/** What a run that ended without a full reply is to be called. */
export function failureOf({ status, summary, error, result }: AgentAnswer): Fault | undefined {
  if (status === "ok") return undefined;
  if (summary === "aborted" || result?.meta?.aborted === true) {
    return new Fault("agent run stopped", { why: "it was aborted; what it did until then stays" });
  }
  if (status === "timeout") {
    return new Fault("agent run timed out", {
      why: "the reply took longer than --timeout allows",
      fix: "openclaw agent --timeout 1800 --message <text>",
    });
  }
  // A fault of the gateway brings its own way out along.
  const [what, fix = "openclaw logs --tail 50"] = (error ?? summary ?? status).split(" — fix: ");
  return new Fault(`agent run failed: ${what}`, { fix });
}

function asFault(error: unknown, accepted: boolean): unknown {
  if (error instanceof GatewayError) {
    const hint = error.extras.details?.hint;
    return new Fault(`agent run failed: ${error.message}`, {
      ...(typeof hint === "string" && { why: hint }),
      fix: "openclaw logs --tail 50",
      cause: error,
    });
  }
  if (!(error instanceof ConnectionError)) return error;
  if (!accepted) {
    return new Fault("Error: send failed — gateway not connected", {
      why: `the connection ended before the message was accepted (${error.message}); send it again`,
      fix: "openclaw status",
      cause: error,
    });
  }
  return new Fault("Gateway agent call connection closed; the gateway may still be running this turn", {
    why: `its reply is kept in the conversation (${error.message})`,
    fix: "openclaw status",
    cause: error,
  });
}

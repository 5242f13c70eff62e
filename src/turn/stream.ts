import type { RunEvent } from "../agent/loop.ts";
import type { Clock } from "../platform/clock.ts";
import { type StoredMessage, text } from "../protocol/messages.ts";
import type { TurnOutcome } from "./outcome.ts";

/** Who should see an event of a turn; the gateway knows which connections that means. */
export interface TurnAudience {
  sessionKey: string;
  runId: string;
  /** The connection that started the turn: tool details go to it alone. */
  originConnId: string | undefined;
  /** Only for clients that declared the capability `tool-events`. */
  toolDetail?: boolean;
}

/** Called with a builder, so that nothing is built while nobody listens. */
export type Publish = (event: string, audience: TurnAudience, payload: () => Record<string, unknown>) => void;

export interface TurnIdentity {
  runId: string;
  sessionKey: string;
  sessionId: string;
  agentId: string;
  originConnId: string | undefined;
}

/** Turns what happens in a run into the `agent`, `chat` and `session.message` events of protocol.md §8.2. */
export interface TurnStream {
  status(phase: "preparing_workspace" | "preparing_context" | "starting_model"): void;
  started(atMs: number): void;
  run(event: RunEvent): void;
  stored(message: StoredMessage): void;
  ended(outcome: TurnOutcome): void;
}

/** The first piece of text goes out at once, later ones are gathered: clients repaint, they do not typewrite. */
const GATHER_MS = 50;

export function openTurnStream(turn: TurnIdentity, publish: Publish, clock: Clock): TurnStream {
  const { runId, sessionKey, sessionId, agentId, originConnId } = turn;
  let seq = 0;
  let startedAt = clock.now();
  let gathered = "";
  let current = { itemId: "", text: "" };
  let timer: Disposable | undefined;

  function agent(stream: string, data: () => Record<string, unknown>, toolDetail = false): void {
    seq++;
    const at = seq;
    publish("agent", { sessionKey, runId, originConnId, toolDetail }, () => ({
      runId,
      sessionKey,
      sessionId,
      agentId,
      stream,
      data: data(),
      seq: at,
      ts: clock.now(),
    }));
  }

  function chat(state: string, data: () => Record<string, unknown>): void {
    seq++;
    const at = seq;
    publish("chat", { sessionKey, runId, originConnId }, () => ({
      runId,
      sessionKey,
      agentId,
      seq: at,
      state,
      ...data(),
    }));
  }

  function flush(): void {
    timer?.[Symbol.dispose]();
    timer = undefined;
    if (gathered === "") return;
    const delta = gathered;
    gathered = "";
    const { itemId, text: soFar } = current;
    agent("assistant", () => ({ text: soFar, delta, itemId }));
    chat("delta", () => ({
      deltaText: delta,
      message: { role: "assistant", content: text(soFar), timestamp: clock.now() },
    }));
  }

  function onText(event: Extract<RunEvent, { kind: "text" }>): void {
    const first = current.itemId !== event.itemId;
    if (first) flush();
    current = event;
    gathered += event.delta;
    if (first) flush();
    else timer ??= clock.after(GATHER_MS, flush);
  }

  function onTool(event: Extract<RunEvent, { kind: "tool-start" | "tool-update" | "tool-end" }>): void {
    const { toolCallId, name } = event;
    const item = { itemId: `tool:${toolCallId}`, toolCallId, name };
    switch (event.kind) {
      case "tool-start":
        flush();
        agent("item", () => ({
          ...item,
          kind: event.toolKind === "command" ? "command" : "tool",
          phase: "start",
          title: event.title,
          status: "running",
          startedAt: clock.now(),
        }));
        agent("tool", () => ({ phase: "start", name, toolCallId, args: event.input }), true);
        return;
      case "tool-update":
        agent(
          "command_output",
          () => ({ ...item, phase: "delta", title: name, output: event.text, status: "running" }),
          true,
        );
        return;
      case "tool-end": {
        const result = () => ({ content: text(event.text), details: event.details ?? {} });
        agent(
          "tool",
          () => ({ phase: "result", name, toolCallId, isError: event.failed, result: result() }),
          true,
        );
        agent("item", () => ({
          ...item,
          kind: "tool",
          phase: "end",
          status: event.failed ? "failed" : "completed",
          endedAt: clock.now(),
          durationMs: event.durationMs,
        }));
      }
    }
  }

  return {
    status(phase) {
      agent("run_status", () => ({ phase }));
      chat("status", () => ({ phase }));
    },
    started(atMs) {
      startedAt = atMs;
      agent("lifecycle", () => ({ phase: "start", startedAt }));
    },
    run(event) {
      switch (event.kind) {
        case "model":
          return agent("lifecycle", () => ({ phase: "model", provider: event.provider, model: event.model }));
        case "text":
          return onText(event);
        case "thinking":
          return agent("thinking", () => ({ delta: event.delta }));
        case "usage":
          return agent("usage", () => ({
            inputTokens: event.usage.input,
            outputTokens: event.usage.output,
            totalTokens: event.usage.totalTokens,
          }));
        case "compacting":
          return agent("compaction", () => ({ phase: "start" }));
        case "compacted":
          return agent("compaction", () => ({ phase: "end", completed: event.outcome.kind === "made" }));
        case "message":
        case "attempt":
        case "notice":
          return;
        default:
          return onTool(event);
      }
    },
    stored(message) {
      publish("session.message", { sessionKey, runId, originConnId }, () => ({
        sessionKey,
        agentId,
        message,
        messageId: message.__openclaw.id,
        messageSeq: message.__openclaw.seq,
      }));
    },
    ended(outcome) {
      flush();
      if (outcome.kind === "merged") return;
      const { endedAt } = outcome;
      const ending = { startedAt, endedAt, executionSettled: true };
      switch (outcome.kind) {
        case "answered":
          agent("lifecycle", () => ({
            phase: "end",
            ...ending,
            stopReason: outcome.stopReason,
            aborted: false,
            terminalReply: { disposition: outcome.text === "" ? "silent" : "visible", text: outcome.text },
          }));
          return chat("final", () => ({ stopReason: outcome.stopReason, message: outcome.message }));
        case "aborted":
          chat("aborted", () => ({
            stopReason: outcome.reason,
            ...(outcome.text && {
              message: { role: "assistant", content: text(outcome.text), timestamp: endedAt },
            }),
          }));
          return agent("lifecycle", () => ({
            phase: "error",
            ...ending,
            aborted: true,
            stopReason: "aborted",
            error: outcome.reason,
          }));
        case "failed":
          agent("lifecycle", () => ({ phase: "error", ...ending, aborted: false, error: outcome.error }));
          return chat("error", () => ({ errorMessage: outcome.error, errorKind: outcome.failure }));
        case "put-back": {
          const reason = outcome.resumes
            ? "gateway stopping; the turn continues after the restart"
            : "gateway stopping";
          agent("lifecycle", () => ({
            phase: "error",
            ...ending,
            aborted: true,
            stopReason: "interrupted",
            error: reason,
          }));
          return chat("error", () => ({ errorMessage: reason, errorKind: "interrupted" }));
        }
      }
    },
  };
}

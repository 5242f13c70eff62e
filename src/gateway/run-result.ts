import type { Usage } from "../protocol/messages.ts";
import type { TurnRecord } from "../sessions/journal.ts";
import type { TurnOutcome } from "../turn/outcome.ts";
import { RUN_TIMEOUT } from "./intake.ts";

export interface RunResult {
  runId: string;
  status: "ok" | "error" | "timeout";
  summary: string;
  error?: string;
  result: {
    payloads: { text: string; mediaUrl: null }[];
    meta: {
      durationMs: number;
      agentMeta?: { sessionId: string; provider: string; model: string; usage: Usage & { total: number } };
      stopReason?: string;
      aborted?: boolean;
    };
  };
}

/** The second answer of `agent` (protocol.md §10.2). */
export function finalPayload(outcome: TurnOutcome): RunResult {
  if (outcome.kind === "merged") {
    return {
      runId: outcome.runId,
      status: "ok",
      summary: `answered together with run ${outcome.into}`,
      result: { payloads: [], meta: { durationMs: 0 } },
    };
  }
  const { runId, startedAt, endedAt, sessionId, provider, model, usage } = outcome;
  const meta = {
    durationMs: endedAt - startedAt,
    agentMeta: { sessionId, provider, model, usage: { ...usage, total: usage.totalTokens } },
  };
  switch (outcome.kind) {
    case "answered": {
      const { text, stopReason } = outcome;
      return {
        runId,
        status: "ok",
        summary: "completed",
        result: { payloads: payloads(text), meta: { ...meta, stopReason } },
      };
    }
    case "aborted": {
      const { text, reason } = outcome;
      const timedOut = reason === RUN_TIMEOUT;
      return {
        runId,
        status: timedOut ? "timeout" : "error",
        summary: timedOut ? "timed out" : "aborted",
        error: reason,
        result: { payloads: payloads(text), meta: { ...meta, aborted: !timedOut } },
      };
    }
    case "failed":
      return {
        runId,
        status: "error",
        summary: "failed",
        error: outcome.error,
        result: { payloads: [], meta },
      };
    case "put-back":
      return {
        runId,
        status: "error",
        summary: "interrupted",
        error: interrupted(outcome.resumes),
        result: { payloads: [], meta },
      };
  }
}

/** The same for a run that ended before somebody asked. */
export function finalPayloadOfRecord(record: TurnRecord): RunResult {
  const { runId, state, reply, error, startedAt, endedAt } = record;
  const ok = state === "ok" || state === "merged";
  return {
    runId,
    status: ok ? "ok" : "error",
    summary: ok ? "completed" : state,
    ...(error && { error }),
    result: {
      payloads: state === "merged" ? [] : payloads(reply ?? ""),
      meta: { durationMs: startedAt !== undefined && endedAt !== undefined ? endedAt - startedAt : 0 },
    },
  };
}

export interface WaitResult {
  runId: string;
  status: "ok" | "error" | "timeout";
  endedAt?: number;
  error?: string;
  stopReason?: string;
  terminalReply?: { disposition: "visible" | "silent"; text: string };
}

export function waitPayload(outcome: TurnOutcome): WaitResult {
  const { runId, status, error, result } = finalPayload(outcome);
  return {
    runId,
    status,
    ...(outcome.kind !== "merged" && { endedAt: outcome.endedAt }),
    ...(error && { error }),
    ...(result.meta.stopReason && { stopReason: result.meta.stopReason }),
    ...(outcome.kind === "answered" && { terminalReply: terminalReply(outcome.text) }),
  };
}

export function waitPayloadOfRecord(record: TurnRecord): WaitResult {
  const { runId, status, error } = finalPayloadOfRecord(record);
  return {
    runId,
    status,
    ...(record.endedAt !== undefined && { endedAt: record.endedAt }),
    ...(error && { error }),
    ...(record.state === "ok" && { terminalReply: terminalReply(record.reply ?? "") }),
  };
}

function terminalReply(text: string): { disposition: "visible" | "silent"; text: string } {
  return { disposition: text === "" ? "silent" : "visible", text };
}

function payloads(text: string): { text: string; mediaUrl: null }[] {
  return text === "" ? [] : [{ text, mediaUrl: null }];
}

function interrupted(resumes: boolean): string {
  return resumes
    ? "the gateway is stopping; the turn continues after its restart"
    : "the gateway stopped during this turn";
}

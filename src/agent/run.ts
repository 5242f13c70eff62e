import type { Clock } from "../platform/clock.ts";
import type { TranscriptMessage, Usage } from "../protocol/messages.ts";
import type { CompactionRecord } from "../sessions/compaction.ts";
import type { Cooldowns } from "./cooldowns.ts";
import type { FailoverDecision } from "./failover.ts";
import type { CallFailure, ModelTarget, PendingCall, Provider } from "./provider.ts";
import type { AnyTool, ToolDescription } from "./tool.ts";
import type { Windows } from "./window.ts";

export type RunEvent =
  /** Before the first model call, and whenever another model takes over. */
  | { kind: "model"; provider: string; model: string }
  /** After each model call, however it ended: what it cost, and what was decided where it failed. */
  | ({ kind: "attempt" } & ModelAttempt)
  /** `text` is cumulative within one assistant message; `itemId` names that message inside the run. */
  | { kind: "text"; itemId: string; delta: string; text: string }
  | { kind: "thinking"; delta: string }
  /**
   * To be stored, in this order. An assistant message with tool calls comes before any of its tools runs
   * (write-ahead), each tool result right after its tool, a steered user message when it is taken in.
   */
  | { kind: "message"; message: TranscriptMessage }
  | {
      kind: "tool-start";
      toolCallId: string;
      name: string;
      title: string;
      toolKind: AnyTool["kind"];
      input: Record<string, unknown>;
    }
  /** Partial output while a tool runs; `text` is the new part. */
  | { kind: "tool-update"; toolCallId: string; name: string; text: string }
  | {
      kind: "tool-end";
      toolCallId: string;
      name: string;
      text: string;
      details?: Record<string, unknown>;
      failed: boolean;
      durationMs: number;
    }
  /** Of one model call; the run's sum is in its end. */
  | { kind: "usage"; usage: Usage }
  /** A summary of the older conversation is being made, and how that ended. A record is to be stored. */
  | { kind: "compacting" }
  | { kind: "compacted"; outcome: CompactionOutcome }
  /** For the person, not for the model: to be stored and shown. */
  | { kind: "notice"; text: string };

export type Compaction = CompactionRecord;
export type CompactionOutcome =
  | { kind: "made"; record: Compaction }
  | { kind: "failed"; why: string }
  | { kind: "aborted" };

/** For the run's record and the bill. Holds no secret. */
export interface ModelAttempt {
  provider: string;
  model: string;
  /** Which of the provider's keys, from 1. */
  key: number;
  startedAt: number;
  durationMs: number;
  /** Absent for an answer; otherwise work of the gateway's own. */
  purpose?: "compaction";
  outcome: CallFailure | "ok" | "passed-over";
  usage?: Usage;
  cost?: number;
  message?: string;
  decision?: FailoverDecision;
}

/** A model that may answer, and the adapter that speaks to it. */
export interface Candidate {
  target: ModelTarget;
  provider: Provider;
}

/** `seq` is its place in the transcript; what has none cannot be the end of a summary that lasts. */
export type HistoryMessage = TranscriptMessage & { seq?: number };

export interface CompactionSettings {
  /** False: what does not fit is left out. */
  enabled?: boolean;
  /** At most so many tokens of a window are used. */
  contextTokens?: number;
  /** Kept free for the answer. */
  reserveTokens?: number;
  /** The newest exchanges stay word for word up to so many tokens. */
  keepRecentTokens?: number;
  /** Who makes the summaries; whoever answers where it is absent. */
  candidate?: Candidate;
}

export interface RunInput {
  runId: string;
  sessionKey: string;
  agentId: string;
  /** Absolute path. */
  workspace: string;
  /** The system prompt, complete. */
  system: string;
  /** Oldest first; ends with the user message. */
  history: readonly HistoryMessage[];
  /** A summary of what came before it. */
  earlier?: string;
  windows: Windows;
  compaction?: CompactionSettings;
  /** Asked before each model call: the words of a refusal where the owner's cap is reached. */
  overBudget?(): string | undefined;
  /** In the order of preference: the keys of the first model, then its fallbacks. */
  candidates: readonly [Candidate, ...Candidate[]];
  cooldowns: Cooldowns;
  tools: readonly AnyTool[];
  /** Of the caller: offered to the model, but a call of one ends the run and the caller makes it. */
  clientTools?: readonly ToolDescription[];
  /** The caller wants a call of one of its tools and nothing else. */
  mustCall?: boolean;
  /** The only variables a tool's child process gets. */
  childEnv: Readonly<Record<string, string>>;
  signal: AbortSignal;
  clock: Clock;
  /** Model calls in one run; 40 where nothing else is configured. */
  maxSteps: number;
  temperature?: number;
  maxTokens?: number;
  /** User messages that arrived meanwhile; asked before every model call. Each is handed out once. */
  takeSteered(): TranscriptMessage[];
  /** Called synchronously and in order. It must not throw: what it throws ends the run as "failed". */
  onEvent(event: RunEvent): void;
}

export interface RunEnd {
  reason: "stop" | "length" | "tool-calls" | "aborted" | "failed";
  /** Of the last assistant message. */
  text: string;
  usage: Usage;
  failure?: CallFailure;
  message?: string;
  retryAfterMs?: number;
  /** With "tool-calls": what the caller has to do now, in the model's order. */
  clientCalls?: readonly PendingCall[];
  /** Model calls made; repeated ones count once. */
  steps: number;
  /** Who answered, or was asked last; absent where nobody was. */
  target?: ModelTarget;
}

import type { Clock } from "../platform/clock.ts";
import type { TranscriptMessage, Usage } from "../protocol/messages.ts";
import type { Cooldowns } from "./cooldowns.ts";
import type { FailoverDecision } from "./failover.ts";
import type { CallFailure, ModelTarget, PendingCall, Provider } from "./provider.ts";
import type { AnyTool, ToolDescription } from "./tool.ts";

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
  | { kind: "usage"; usage: Usage };

/** For the run's record and the bill. Holds no secret. */
export interface ModelAttempt {
  provider: string;
  model: string;
  /** Which of the provider's keys, from 1. */
  key: number;
  startedAt: number;
  durationMs: number;
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

export interface RunInput {
  runId: string;
  sessionKey: string;
  agentId: string;
  /** Absolute path. */
  workspace: string;
  /** The system prompt, complete. */
  system: string;
  /** Oldest first; ends with the user message. */
  history: readonly TranscriptMessage[];
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

import type { CallFailure, PendingCall } from "../agent/provider.ts";
import type { StoredMessage, Usage } from "../protocol/messages.ts";
import type { TurnRecord } from "../sessions/journal.ts";

/** Operators search for these words in the log. */
export type DropReason =
  | "empty"
  | "too-large"
  | "shutting-down"
  | "queue-full"
  | "memory-pressure"
  | "storage-full"
  | "safe-mode"
  | "unknown-agent"
  | "bad-session-key"
  | "reserved-session-key";

export interface Dropped {
  kind: "dropped";
  reason: DropReason;
  /** One sentence for the caller. */
  message: string;
  /** With `unknown-agent`: which one was meant. */
  agentId?: string;
}

export interface TurnFacts {
  runId: string;
  sessionKey: string;
  sessionId: string;
  agentId: string;
  startedAt: number;
  endedAt: number;
  provider: string;
  model: string;
  usage: Usage;
}

/** How an accepted turn ended. */
export type TurnOutcome =
  | ({
      kind: "answered";
      text: string;
      stopReason: "stop" | "length" | "tool-calls";
      /** With "tool-calls": for the caller to run. */
      clientCalls: readonly PendingCall[];
      message: StoredMessage | undefined;
    } & TurnFacts)
  | ({ kind: "aborted"; text: string; reason: string } & TurnFacts)
  | ({
      kind: "failed";
      failure: CallFailure | "internal" | "storage";
      error: string;
      retryAfterMs?: number;
    } & TurnFacts)
  /** Taken in by a run that was already going on (queue mode steer). */
  | { kind: "merged"; runId: string; into: string }
  /** The process is going away; the next start runs it again or marks it interrupted. */
  | ({ kind: "put-back"; resumes: boolean } & TurnFacts);

export type Taken =
  | Dropped
  /** The same run id was accepted before; nothing new starts. */
  | { kind: "duplicate"; record: TurnRecord }
  /** On disk. `done` never rejects. */
  | {
      kind: "accepted";
      runId: string;
      sessionKey: string;
      sessionId: string;
      agentId: string;
      acceptedAt: number;
      done: Promise<TurnOutcome>;
    };

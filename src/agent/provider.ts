import type { Clock } from "../platform/clock.ts";
import type { Deadlines, Outbound } from "../platform/outbound.ts";
import type { TranscriptMessage, Usage } from "../protocol/messages.ts";
import type { ToolDescription } from "./tool.ts";

/** Where a model call goes. Resolved once per call from config, environment or discovery. */
export interface ModelTarget {
  /** Provider name as in `models.providers.<name>`, e.g. "openai". */
  provider: string;
  /** Bare model id as the upstream knows it. */
  model: string;
  /** Which adapter speaks to it: the name of a provider entry, e.g. "openai-completions". */
  api: string;
  baseUrl: string;
  apiKey?: string;
  headers?: Readonly<Record<string, string>>;
  /** Tokens. */
  contextWindow?: number;
  maxTokens?: number;
  /** What the model reads; everything where it is not said. */
  input?: readonly string[];
  /** Money per million tokens. */
  cost?: Readonly<TokenCost>;
  /** False: it is never asked to think. */
  reasoning?: boolean;
  /** The key goes into `Authorization`, also where the protocol has a header of its own. */
  authHeader?: boolean;
  compat?: Readonly<Record<string, unknown>>;
  /** Free settings of the model, e.g. `thinking`, `temperature`, `context1m`. */
  params?: Readonly<Record<string, unknown>>;
  /** Where the provider's own are not the usual ones. */
  deadlines?: Partial<Deadlines>;
}

export interface TokenCost {
  input?: number | undefined;
  output?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
}

export interface ModelCall {
  target: ModelTarget;
  /** The system prompt, complete. */
  system: string;
  /** Oldest first; ends with a user message or tool results. */
  messages: readonly TranscriptMessage[];
  tools: readonly ToolDescription[];
  /** The answer has to be a call of one of the tools. */
  mustCall?: boolean;
  temperature?: number;
  maxTokens?: number;
}

/** Why a call ended without a usable answer. A closed set; `failover.ts` decides by it. */
export type CallFailure =
  | "auth"
  | "billing"
  | "rate-limit"
  | "overloaded"
  | "context-overflow"
  /** The account may not use the long window; without it the same call may go well. */
  | "long-context-denied"
  | "model-not-found"
  /** A content filter. */
  | "refused"
  /** The server does not take the form of the request; sent again it would say the same. */
  | "rejected"
  | "network"
  | "timeout"
  | "malformed"
  /** The owner's cap is reached; nothing was sent. */
  | "budget"
  | "aborted";

export type ProviderEvent =
  | { kind: "text"; delta: string }
  | { kind: "thinking"; delta: string }
  /** Ends one thought. What the same model wants back with it; opaque. */
  | { kind: "thinking-signature"; signature: string }
  /**
   * Complete. `invalid` says why the arguments could not be read (not JSON, not an object, cut off); `input`
   * is then {} and the tool must not run: the loop hands the reason to the model as a failed result.
   */
  | { kind: "tool-call"; id: string; name: string; input: Record<string, unknown>; invalid?: string }
  | { kind: "usage"; usage: Usage }
  | { kind: "finish"; reason: "stop" | "length" | "tool-calls" }
  | { kind: "finish"; reason: "failed"; failure: CallFailure; message: string; retryAfterMs?: number };

export type PendingCall = Omit<Extract<ProviderEvent, { kind: "tool-call" }>, "kind">;

/**
 * One model call. The iterator always ends with exactly one `finish`.
 * It does not throw: network failures, refusals and aborts arrive as `finish`.
 */
export interface Provider {
  /** The value of `models.providers.<p>.api` that selects this adapter. */
  api: string;
  call(call: ModelCall, signal: AbortSignal): AsyncIterable<ProviderEvent>;
}

/** What an adapter may use of the machine. */
export interface ProviderServices {
  outbound: Outbound;
  clock: Clock;
  /** Packages may be installed below it, for adapters that are made of one. */
  stateDir?: string;
}

/** An entry of `agent/providers/`: what is needed to make the adapter that serves `api`. */
export interface ProviderFactory {
  api: string;
  create(services: ProviderServices): Provider;
}

export function defineProviderFactory(factory: ProviderFactory): ProviderFactory {
  return factory;
}

export function bearer({ apiKey }: ModelTarget): Record<string, string> {
  return apiKey ? { authorization: `Bearer ${apiKey}` } : {};
}

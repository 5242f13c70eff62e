/** Transcript messages as clients read them in `chat.history` and events (protocol.md §10.1). */
export type ContentBlock =
  | { type: "text"; text: string }
  /** `thinkingSignature` is what the model that thought it wants back, as it came. */
  | { type: "thinking"; thinking: string; thinkingSignature?: string }
  | { type: "toolCall"; id: string; name: string; arguments: Record<string, unknown> }
  | { type: "image"; data: string; mimeType: string };

export type Role = "user" | "assistant" | "toolResult" | "system";

export interface Usage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  totalTokens: number;
}

export type StopReason = "stop" | "length" | "toolUse" | "aborted" | "error" | "interrupted";

export interface TranscriptMessage {
  role: Role;
  content: ContentBlock[];
  /** Milliseconds since the epoch. */
  timestamp: number;
  idempotencyKey?: string;
  api?: string;
  provider?: string;
  model?: string;
  usage?: Usage;
  stopReason?: StopReason;
  errorMessage?: string;
  /** On role toolResult: which call it answers. */
  toolCallId?: string;
  toolName?: string;
  isError?: boolean;
  details?: unknown;
}

/** A message together with the identity its transcript row gave it. */
export type StoredMessage = TranscriptMessage & {
  __openclaw: { id: string; seq: number; recordTimestampMs: number; runId?: string };
};

export const NO_USAGE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0 };

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    totalTokens: a.totalTokens + b.totalTokens,
  };
}

export function text(value: string): ContentBlock[] {
  return value === "" ? [] : [{ type: "text", text: value }];
}

/** All text blocks joined; what a person would read of the message. */
export function textOf(message: Pick<TranscriptMessage, "content">): string {
  let out = "";
  for (const block of message.content) if (block.type === "text") out += block.text;
  return out;
}

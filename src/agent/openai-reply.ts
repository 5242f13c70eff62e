import { isRecord } from "../protocol/frames.ts";
import type { Usage } from "../protocol/messages.ts";
import { classifyInStream, type FailedFinish, failed } from "./openai-failure.ts";
import { type OpenCalls, openCalls } from "./openai-tool-calls.ts";
import type { ModelTarget, ProviderEvent } from "./provider.ts";

/** Characters of one reply, tool arguments included. */
const MAX_REPLY_CHARS = 8 * 1024 * 1024;

/** Puts the chunks of one streamed chat completion together. */
export interface ReplyReader {
  /** One `data:` payload. What can be shown at once goes to `emit`. */
  take(data: string): void;
  /** Gives the reply up; what was emitted stays. */
  giveUp(problem: string): void;
  /** True when nothing of interest can follow. */
  readonly done: boolean;
  /** True when the upstream said why it stopped: whatever happens to the connection now, the reply is whole. */
  readonly complete: boolean;
  /** The events that close the reply, with exactly one `finish` at the end. */
  end(): ProviderEvent[];
}

type Finish = "stop" | "length" | "tool-calls" | "refused";

const FINISH: Readonly<Record<string, Finish>> = {
  length: "length",
  max_tokens: "length",
  tool_calls: "tool-calls",
  tool_use: "tool-calls",
  function_call: "tool-calls",
  content_filter: "refused",
};

export function readReply(target: ModelTarget, emit: (event: ProviderEvent) => void): ReplyReader {
  const calls: OpenCalls = openCalls();
  let finish: Finish | undefined;
  let usage: Usage | undefined;
  let failure: FailedFinish | undefined;
  let closed = false;
  let chars = 0;

  return {
    take,
    giveUp,
    get done() {
      return closed || failure !== undefined || (finish !== undefined && usage !== undefined);
    },
    get complete() {
      return closed || finish !== undefined;
    },
    end,
  };

  function take(data: string): void {
    if (failure || closed) return;
    if (data === "[DONE]") {
      closed = true;
      return;
    }
    const chunk = parse(data);
    if (!isRecord(chunk)) {
      giveUp(`the model's answer holds an event that is no JSON object: ${data.slice(0, 80)}`);
      return;
    }
    if (chunk.error) {
      failure = classifyInStream(chunk.error, target);
      return;
    }
    if (isRecord(chunk.usage)) usage = readUsage(chunk.usage);
    const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
    if (!isRecord(choice)) return;
    const delta = choice.delta ?? choice.message;
    if (isRecord(delta)) takeDelta(delta);
    if (typeof choice.finish_reason === "string") finish = FINISH[choice.finish_reason] ?? "stop";
    if (chars + calls.chars > MAX_REPLY_CHARS) {
      giveUp(`the model's answer is longer than ${MAX_REPLY_CHARS} characters`);
    }
  }

  function giveUp(problem: string): void {
    failure ??= failed("malformed", problem, target);
  }

  function takeDelta(delta: Record<string, unknown>): void {
    thinking(delta.reasoning_content ?? delta.reasoning);
    if (Array.isArray(delta.content)) for (const part of delta.content) takePart(part);
    else say(delta.content);
    say(delta.refusal);
    if (Array.isArray(delta.tool_calls)) for (const call of delta.tool_calls) calls.take(call);
  }

  /** Mistral sends reasoning and text as parts. */
  function takePart(part: unknown): void {
    if (!isRecord(part)) return;
    if (part.type === "text") say(part.text);
    if (part.type !== "thinking" || !Array.isArray(part.thinking)) return;
    for (const inner of part.thinking) if (isRecord(inner)) thinking(inner.text);
  }

  function say(delta: unknown): void {
    if (typeof delta !== "string" || delta === "") return;
    chars += delta.length;
    emit({ kind: "text", delta });
  }

  function thinking(delta: unknown): void {
    if (typeof delta !== "string" || delta === "") return;
    emit({ kind: "thinking", delta });
  }

  function end(): ProviderEvent[] {
    const counted: ProviderEvent[] = usage ? [{ kind: "usage", usage }] : [];
    if (failure) return [...counted, failure];
    if (finish === "refused") {
      return [...counted, failed("refused", "the provider's content filter stopped the answer", target)];
    }
    const made = calls.finish();
    if (finish === undefined) {
      if (made.some((call) => call.invalid)) {
        return [...counted, failed("malformed", "the model's answer broke off inside a tool call", target)];
      }
      if (chars === 0 && made.length === 0) {
        return [...counted, failed("malformed", "the model's answer ended before it began", target)];
      }
    }
    const reason = finish ?? (made.length > 0 ? "tool-calls" : "stop");
    return [...made, ...counted, { kind: "finish", reason }];
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function readUsage(wire: Record<string, unknown>): Usage {
  const details = isRecord(wire.prompt_tokens_details) ? wire.prompt_tokens_details : {};
  const prompt = tokens(wire.prompt_tokens);
  const output = tokens(wire.completion_tokens);
  const cacheRead = Math.min(prompt, tokens(details.cached_tokens));
  return {
    input: prompt - cacheRead,
    output,
    cacheRead,
    cacheWrite: 0,
    totalTokens: tokens(wire.total_tokens) || prompt + output,
  };
}

function tokens(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

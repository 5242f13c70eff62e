import { isRecord } from "../protocol/frames.ts";
import type { Usage } from "../protocol/messages.ts";
import { classifyInStream, type FailedFinish, failed } from "./call-failure.ts";
import { type OpenCalls, openCalls } from "./openai-tool-calls.ts";
import type { ModelTarget, ProviderEvent } from "./provider.ts";
import {
  endedUnsaid,
  filtered,
  MAX_REPLY_CHARS,
  notAnObject,
  parseEvent,
  type ReplyReader,
  TOO_LONG,
  tokens,
} from "./reply-reader.ts";

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
    const chunk = parseEvent(data);
    if (!isRecord(chunk)) {
      giveUp(notAnObject(data));
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
    if (chars + calls.chars > MAX_REPLY_CHARS) giveUp(TOO_LONG);
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
    if (finish === "refused") return [...counted, filtered(target)];
    const made = calls.finish();
    const broken = finish === undefined ? endedUnsaid(made, chars, target) : undefined;
    if (broken) return [...counted, broken];
    const reason = finish ?? (made.length > 0 ? "tool-calls" : "stop");
    return [...made, ...counted, { kind: "finish", reason }];
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

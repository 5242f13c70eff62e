import { isRecord } from "../protocol/frames.ts";
import type { Usage } from "../protocol/messages.ts";
import { classifyAnswer, classifyInStream, type FailedFinish, failed } from "./call-failure.ts";
import { readToolCall } from "./openai-tool-calls.ts";
import type { ModelTarget, ProviderEvent } from "./provider.ts";
import { filtered, MAX_REPLY_CHARS, TOO_LONG, tokens } from "./reply-reader.ts";

/** What one part of the stream says; a finish ends it. */
export type PartReader = (part: unknown) => ProviderEvent[];

export function readParts(target: ModelTarget): PartReader {
  let chars = 0;
  return (part) => {
    if (!isRecord(part)) return [];
    const piece = part.delta ?? part.input;
    if (typeof piece === "string") chars += piece.length;
    if (chars > MAX_REPLY_CHARS) return [failed("malformed", TOO_LONG, target)];
    switch (part.type) {
      case "text-delta":
        return typeof part.delta === "string" ? [{ kind: "text", delta: part.delta }] : [];
      case "reasoning-delta":
        return typeof part.delta === "string" ? [{ kind: "thinking", delta: part.delta }] : [];
      case "tool-call":
        // What a service runs by itself is no call for us.
        return part.providerExecuted === true ? [] : [toolCall(part)];
      case "error":
        return [failureOf(part.error, target, 0)];
      case "finish":
        return [{ kind: "usage", usage: usageOf(part.usage) }, finishOf(part.finishReason, target)];
      default:
        return [];
    }
  };
}

function toolCall({ toolCallId, toolName, input }: Record<string, unknown>): ProviderEvent {
  const raw = typeof input === "string" ? input : JSON.stringify(input ?? {});
  return readToolCall(String(toolCallId), String(toolName), raw);
}

/** A word in version 2, an object with the word since. */
function finishOf(reason: unknown, target: ModelTarget): ProviderEvent {
  const word = isRecord(reason) ? reason.unified : reason;
  switch (word) {
    case "length":
      return { kind: "finish", reason: "length" };
    case "tool-calls":
      return { kind: "finish", reason: "tool-calls" };
    case "content-filter":
      return filtered(target);
    case "error":
    case "interrupted":
      return failed("malformed", "the model's answer broke off", target);
    default:
      return { kind: "finish", reason: "stop" };
  }
}

/** Numbers in version 2, numbers by kind since. */
function usageOf(usage: unknown): Usage {
  const { inputTokens, outputTokens, cachedInputTokens } = isRecord(usage) ? usage : {};
  const into = isRecord(inputTokens) ? inputTokens : { total: inputTokens, cacheRead: cachedInputTokens };
  const output = tokens(isRecord(outputTokens) ? outputTokens.total : outputTokens);
  const cacheRead = tokens(into.cacheRead);
  const cacheWrite = tokens(into.cacheWrite);
  const input = Math.max(0, tokens(into.total) - cacheRead - cacheWrite);
  return { input, output, cacheRead, cacheWrite, totalTokens: input + output + cacheRead + cacheWrite };
}

/** An `APICallError` carries the answer of the service; everything else never reached one. */
export function failureOf(error: unknown, target: ModelTarget, now: number): FailedFinish {
  if (!(error instanceof Error)) return classifyInStream(error, target);
  const { statusCode, responseBody, responseHeaders } = error as Error & Record<string, unknown>;
  if (typeof statusCode === "number" && statusCode >= 400) {
    const headers = isRecord(responseHeaders) ? (responseHeaders as Record<string, string>) : {};
    const body = typeof responseBody === "string" && responseBody !== "" ? responseBody : error.message;
    return classifyAnswer({ status: statusCode, headers, body, sentBytes: undefined }, target, now);
  }
  if (/api key/i.test(error.message) && /load|missing/i.test(error.message))
    return failed("auth", error.message, target);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return failed("network", `${error.message}${cause}`, target);
}

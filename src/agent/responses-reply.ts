import { isRecord } from "../protocol/frames.ts";
import type { Usage } from "../protocol/messages.ts";
import { classifyInStream, type FailedFinish, failed } from "./call-failure.ts";
import { openCalls } from "./openai-tool-calls.ts";
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

type Finish = "done" | "length" | "refused";

/** The events of one streamed response of the OpenAI Responses API. */
export function readReply(target: ModelTarget, emit: (event: ProviderEvent) => void): ReplyReader {
  const calls = openCalls();
  let finish: Finish | undefined;
  let usage: Usage | undefined;
  let failure: FailedFinish | undefined;
  let chars = 0;
  /** Items that came whole; the closing event repeats them. */
  let itemsDone = 0;

  return {
    take(data) {
      if (failure || finish || data === "[DONE]") return;
      const event = parseEvent(data);
      if (!isRecord(event)) {
        giveUp(notAnObject(data));
        return;
      }
      takeEvent(event);
      if (chars + calls.chars > MAX_REPLY_CHARS) giveUp(TOO_LONG);
    },
    giveUp,
    get done() {
      return failure !== undefined || finish !== undefined;
    },
    get complete() {
      return finish !== undefined;
    },
    end,
  };

  function takeEvent(event: Record<string, unknown>): void {
    switch (event.type) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        say(event.delta);
        return;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        think(event.delta);
        return;
      case "response.reasoning_summary_part.added":
        // Parts of one summary are paragraphs.
        if (typeof event.summary_index === "number" && event.summary_index > 0) think("\n\n");
        return;
      case "response.output_item.done":
        itemsDone++;
        takeItem(event.item, false);
        return;
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        close(event.response);
        return;
      case "error":
        failure = classifyInStream(isRecord(event.error) ? event.error : event, target);
        return;
      default:
        // A server that does not stream, or an error without an envelope.
        if (event.object === "response") close(event);
        else if (event.type === undefined && event.error) failure = classifyInStream(event.error, target);
    }
  }

  /** `whole`: its text did not come in pieces before. */
  function takeItem(item: unknown, whole: boolean): void {
    if (!isRecord(item)) return;
    switch (item.type) {
      case "function_call":
        calls.take({
          index: itemsDone,
          id: item.call_id,
          function: { name: item.name, arguments: item.arguments },
        });
        return;
      case "reasoning":
        if (typeof item.encrypted_content === "string") {
          emit({ kind: "thinking-signature", signature: JSON.stringify({ ...item, status: undefined }) });
        }
        return;
      case "message":
        if (!whole || !Array.isArray(item.content)) return;
        for (const part of item.content) if (isRecord(part)) say(part.text ?? part.refusal);
    }
  }

  function close(response: unknown): void {
    if (!isRecord(response)) {
      giveUp("the model's answer closes without a response");
      return;
    }
    if (isRecord(response.usage)) usage = readUsage(response.usage);
    if (response.status === "failed" || response.error) {
      failure = classifyInStream(response.error, target);
      return;
    }
    if (itemsDone === 0 && chars === 0 && Array.isArray(response.output)) {
      for (const item of response.output) {
        itemsDone++;
        takeItem(item, true);
      }
    }
    const { reason } = isRecord(response.incomplete_details) ? response.incomplete_details : {};
    if (reason === "content_filter") finish = "refused";
    else finish = reason || response.status === "incomplete" ? "length" : "done";
  }

  function say(delta: unknown): void {
    if (typeof delta !== "string" || delta === "") return;
    chars += delta.length;
    emit({ kind: "text", delta });
  }

  function think(delta: unknown): void {
    if (typeof delta !== "string" || delta === "") return;
    emit({ kind: "thinking", delta });
  }

  function giveUp(problem: string): void {
    failure ??= failed("malformed", problem, target);
  }

  function end(): ProviderEvent[] {
    const counted: ProviderEvent[] = usage ? [{ kind: "usage", usage }] : [];
    if (failure) return [...counted, failure];
    if (finish === "refused") return [...counted, filtered(target)];
    const made = calls.finish();
    const broken = finish === undefined ? endedUnsaid(made, chars, target) : undefined;
    if (broken) return [...counted, broken];
    const usual = made.length > 0 ? "tool-calls" : "stop";
    return [...made, ...counted, { kind: "finish", reason: finish === "length" ? "length" : usual }];
  }
}

function readUsage(wire: Record<string, unknown>): Usage {
  const details = isRecord(wire.input_tokens_details) ? wire.input_tokens_details : {};
  const input = tokens(wire.input_tokens);
  const output = tokens(wire.output_tokens);
  const cacheRead = Math.min(input, tokens(details.cached_tokens));
  const totalTokens = tokens(wire.total_tokens) || input + output;
  return { input: input - cacheRead, output, cacheRead, cacheWrite: 0, totalTokens };
}

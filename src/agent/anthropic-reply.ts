import { isRecord } from "../protocol/frames.ts";
import { NO_USAGE, type Usage } from "../protocol/messages.ts";
import { REDACTED } from "./anthropic-messages.ts";
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

type Finish = "stop" | "length" | "tool-calls" | "refused" | "overflow";

const FINISH: Readonly<Record<string, Finish>> = {
  max_tokens: "length",
  tool_use: "tool-calls",
  refusal: "refused",
  model_context_window_exceeded: "overflow",
};

/** The events of one streamed message of the Anthropic API. */
export function readReply(target: ModelTarget, emit: (event: ProviderEvent) => void): ReplyReader {
  const calls = openCalls();
  let finish: Finish | undefined;
  let usage: Usage | undefined;
  let failure: FailedFinish | undefined;
  let stopped = false;
  let chars = 0;

  return {
    take(data) {
      if (failure || stopped) return;
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
      return stopped || failure !== undefined;
    },
    get complete() {
      return stopped || finish !== undefined;
    },
    end,
  };

  function takeEvent(event: Record<string, unknown>): void {
    switch (event.type) {
      case "message_start":
        if (isRecord(event.message)) count(event.message.usage);
        return;
      case "content_block_start":
        begin(event.index, event.content_block, false);
        return;
      case "content_block_delta":
        takeDelta(event.index, event.delta);
        return;
      case "message_delta":
        if (isRecord(event.delta)) stop(event.delta.stop_reason);
        count(event.usage);
        return;
      case "message_stop":
        stopped = true;
        return;
      case "error":
        failure = classifyInStream(event.error, target);
        return;
      // A server that does not stream.
      case "message":
        if (Array.isArray(event.content)) {
          for (const [index, block] of event.content.entries()) begin(index, block, true);
        }
        stop(event.stop_reason);
        count(event.usage);
        stopped = true;
        return;
      default:
        // An error without an envelope; everything else (`ping`, kinds yet to come) says nothing to us.
        if (event.type === undefined && event.error) failure = classifyInStream(event.error, target);
    }
  }

  function begin(index: unknown, block: unknown, whole: boolean): void {
    if (!isRecord(block)) return;
    switch (block.type) {
      case "text":
        say(block.text);
        return;
      case "thinking":
        think(block.thinking);
        sign(block.signature);
        return;
      case "redacted_thinking":
        sign(typeof block.data === "string" ? `${REDACTED}${block.data}` : undefined);
        return;
      case "tool_use": {
        const { id, name, input } = block;
        calls.take({ index, id, function: { name, ...(whole && { arguments: input }) } });
      }
    }
  }

  function takeDelta(index: unknown, delta: unknown): void {
    if (!isRecord(delta)) return;
    switch (delta.type) {
      case "text_delta":
        say(delta.text);
        return;
      case "thinking_delta":
        think(delta.thinking);
        return;
      case "signature_delta":
        sign(delta.signature);
        return;
      case "input_json_delta":
        calls.take({ index, function: { arguments: delta.partial_json } });
        return;
    }
  }

  function say(delta: unknown): void {
    if (typeof delta !== "string" || delta === "") return;
    chars += delta.length;
    emit({ kind: "text", delta });
  }

  function think(delta: unknown): void {
    if (typeof delta !== "string" || delta === "") return;
    chars += delta.length;
    emit({ kind: "thinking", delta });
  }

  function sign(signature: unknown): void {
    if (typeof signature === "string" && signature !== "") emit({ kind: "thinking-signature", signature });
  }

  function stop(reason: unknown): void {
    if (typeof reason === "string") finish = FINISH[reason] ?? "stop";
  }

  /** The beginning tells what was read, the end what was written; some servers repeat all of it at the end. */
  function count(wire: unknown): void {
    if (!isRecord(wire)) return;
    const before = usage ?? NO_USAGE;
    const input = tokens(wire.input_tokens) || before.input;
    const output = tokens(wire.output_tokens) || before.output;
    const cacheRead = tokens(wire.cache_read_input_tokens) || before.cacheRead;
    const cacheWrite = tokens(wire.cache_creation_input_tokens) || before.cacheWrite;
    const totalTokens = input + output + cacheRead + cacheWrite;
    usage = { input, output, cacheRead, cacheWrite, totalTokens };
  }

  function giveUp(problem: string): void {
    failure ??= failed("malformed", problem, target);
  }

  function end(): ProviderEvent[] {
    const counted: ProviderEvent[] = usage ? [{ kind: "usage", usage }] : [];
    if (failure) return [...counted, failure];
    if (finish === "refused") return [...counted, filtered(target)];
    if (finish === "overflow") {
      const message = "the conversation filled the model's context window";
      return [...counted, failed("context-overflow", message, target)];
    }
    const made = calls.finish();
    const broken = finish === undefined ? endedUnsaid(made, chars, target) : undefined;
    if (broken) return [...counted, broken];
    const reason = finish ?? (made.length > 0 ? "tool-calls" : "stop");
    return [...made, ...counted, { kind: "finish", reason }];
  }
}

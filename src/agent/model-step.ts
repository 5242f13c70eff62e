import { type ContentBlock, NO_USAGE, type TranscriptMessage, type Usage } from "../protocol/messages.ts";
import type { AbortWatch } from "./abort.ts";
import type { ModelCall, ModelTarget, PendingCall, ProviderEvent } from "./provider.ts";
import type { Candidate, RunInput } from "./run.ts";

export interface Reply {
  text: string;
  thoughts: Extract<ContentBlock, { type: "thinking" }>[];
  calls: PendingCall[];
  usage: Usage;
  finish: Extract<ProviderEvent, { kind: "finish" }> | { reason: "aborted" };
}

/**
 * One model call, streamed out as it comes. On abort it returns at once with what has arrived; a provider that
 * does not react to its signal is left behind and can no longer emit anything.
 */
export async function callModel(
  input: RunInput,
  { target, provider }: Candidate,
  messages: readonly TranscriptMessage[],
  itemId: string,
  abort: AbortWatch,
): Promise<Reply> {
  const reply: Reply = { text: "", thoughts: [], calls: [], usage: NO_USAGE, finish: { reason: "aborted" } };
  const { promise: finished, resolve, reject } = Promise.withResolvers<Reply["finish"]>();
  let over = false;

  consume().catch(reject);
  try {
    const finish = await Promise.race([finished, abort.happened]);
    reply.finish = finish === "aborted" || isAbort(finish, input.signal) ? { reason: "aborted" } : finish;
  } finally {
    over = true;
  }
  if (reply.usage !== NO_USAGE) input.onEvent({ kind: "usage", usage: reply.usage });
  return reply;

  /** Goes on after the finish so that the provider can read its connection to the end and keep it. */
  async function consume(): Promise<void> {
    for await (const event of provider.call(request(input, target, messages), input.signal)) {
      if (over) continue;
      switch (event.kind) {
        case "text":
          if (event.delta === "") break;
          reply.text += event.delta;
          input.onEvent({ kind: "text", itemId, delta: event.delta, text: reply.text });
          break;
        case "thinking":
          openThought(reply).thinking += event.delta;
          input.onEvent(event);
          break;
        case "thinking-signature":
          openThought(reply).thinkingSignature = event.signature;
          break;
        case "tool-call":
          reply.calls.push(event);
          break;
        case "usage":
          reply.usage = event.usage;
          break;
        case "finish":
          over = true;
          resolve(event);
      }
    }
    reject(new Error(`provider ${provider.api} ended its stream without a finish`));
  }
}

/** A thought with a signature is complete. */
function openThought({ thoughts }: Reply): Reply["thoughts"][number] {
  const last = thoughts.at(-1);
  if (last && last.thinkingSignature === undefined) return last;
  const thought: Reply["thoughts"][number] = { type: "thinking", thinking: "" };
  thoughts.push(thought);
  return thought;
}

function request(input: RunInput, target: ModelTarget, messages: readonly TranscriptMessage[]): ModelCall {
  const { system, clientTools = [] } = input;
  const tools = clientTools.length === 0 ? input.tools : [...input.tools, ...clientTools];
  const temperature = input.temperature ?? numberOf(target.params?.temperature);
  const maxTokens = input.maxTokens ?? numberOf(target.params?.maxTokens);
  return {
    target,
    system,
    messages,
    tools,
    ...(input.mustCall && { mustCall: true }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function isAbort(finish: Reply["finish"], signal: AbortSignal): boolean {
  return signal.aborted && finish.reason === "failed" && finish.failure === "aborted";
}

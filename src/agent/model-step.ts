import { NO_USAGE, type TranscriptMessage, type Usage } from "../protocol/messages.ts";
import type { AbortWatch } from "./abort.ts";
import type { ModelCall, ProviderEvent } from "./provider.ts";
import type { RunInput } from "./run.ts";

export type PendingCall = Omit<Extract<ProviderEvent, { kind: "tool-call" }>, "kind">;

export interface Reply {
  text: string;
  thinking: string;
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
  messages: readonly TranscriptMessage[],
  itemId: string,
  abort: AbortWatch,
): Promise<Reply> {
  const reply: Reply = { text: "", thinking: "", calls: [], usage: NO_USAGE, finish: { reason: "aborted" } };
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
    for await (const event of input.provider.call(request(input, messages), input.signal)) {
      if (over) continue;
      switch (event.kind) {
        case "text":
          if (event.delta === "") break;
          reply.text += event.delta;
          input.onEvent({ kind: "text", itemId, delta: event.delta, text: reply.text });
          break;
        case "thinking":
          reply.thinking += event.delta;
          input.onEvent(event);
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
    reject(new Error(`provider ${input.provider.api} ended its stream without a finish`));
  }
}

function request(input: RunInput, messages: readonly TranscriptMessage[]): ModelCall {
  const { target, system, tools, temperature, maxTokens } = input;
  return {
    target,
    system,
    messages,
    tools,
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

function isAbort(finish: Reply["finish"], signal: AbortSignal): boolean {
  return signal.aborted && finish.reason === "failed" && finish.failure === "aborted";
}

import { OutboundError, type OutboundRequest } from "../../platform/outbound.ts";
import { eventStream, wholeBody } from "../openai-body.ts";
import { classifyAnswer, type FailedFinish, failed, htmlAnswer } from "../openai-failure.ts";
import { encodeRequest } from "../openai-messages.ts";
import { readReply } from "../openai-reply.ts";
import {
  defineProviderFactory,
  type ModelCall,
  type ModelTarget,
  type ProviderEvent,
  type ProviderServices,
} from "../provider.ts";

const DEADLINES = { connectMs: 10_000, firstByteMs: 120_000, idleMs: 60_000, totalMs: 30 * 60_000 };
const MAX_ERROR_BYTES = 64 * 1024;
/** How much, and for how long, is read after the reply is whole so that the connection can be used again. */
const MAX_TAIL_BYTES = 64 * 1024;
const MAX_TAIL_MS = 1_000;

/** POST <baseUrl>/chat/completions as OpenAI defined it and many others speak it, always streamed. */
export default defineProviderFactory({
  api: "openai-completions",
  create: (services) => ({
    api: "openai-completions",
    call: (call, signal) => exchange(services, call, signal),
  }),
});

async function* exchange(
  { outbound, clock }: ProviderServices,
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  const { target } = call;
  const ready: ProviderEvent[] = [];
  const reply = readReply(target, (event) => ready.push(event));
  let finished = false;
  let tail: Disposable | undefined;
  try {
    const response = await outbound.request(requestFor(call, signal));
    const { status, headers } = response;
    if (status < 200 || status > 299) {
      const body = await response.text(MAX_ERROR_BYTES);
      yield classifyAnswer({ status, headers, body }, target, clock.now());
      return;
    }
    const contentType = String(headers["content-type"] ?? "");
    if (contentType.includes("html")) {
      response.discard();
      yield htmlAnswer(status, target);
      return;
    }

    const feed = contentType.includes("json") ? wholeBody(reply) : eventStream(reply);
    let tailBytes = 0;
    for await (const bytes of response.body) {
      if (finished) {
        tailBytes += bytes.length;
        if (tailBytes > MAX_TAIL_BYTES) return;
        continue;
      }
      feed.take(bytes);
      for (const event of ready) yield event;
      ready.length = 0;
      if (!reply.done) continue;
      finished = true;
      tail = clock.after(MAX_TAIL_MS, () => response.discard());
      yield* reply.end();
      if (!reply.complete) return;
    }
    if (finished) return;
    feed.end();
    finished = true;
    yield* ready;
    yield* reply.end();
  } catch (error) {
    if (finished) return;
    // The upstream had said why it stopped before the connection went: the answer is whole.
    if (reply.complete) yield* reply.end();
    else yield outboundFailure(error, target);
  } finally {
    tail?.[Symbol.dispose]();
  }
}

function requestFor(call: ModelCall, signal: AbortSignal): OutboundRequest {
  const { baseUrl, apiKey, headers } = call.target;
  return {
    url: `${baseUrl}/chat/completions`,
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      ...headers,
    },
    body: encodeRequest(call),
    signal,
    deadlines: DEADLINES,
  };
}

function outboundFailure(error: unknown, target: ModelTarget): FailedFinish {
  if (!(error instanceof OutboundError)) {
    return failed("malformed", error instanceof Error ? error.message : String(error), target);
  }
  const { phase, message } = error;
  if (phase === "aborted") return failed("aborted", message, target);
  return failed(phase === "network" ? "network" : "timeout", message, target);
}

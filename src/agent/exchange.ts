import { type Deadlines, OutboundError, type OutboundRequest } from "../platform/outbound.ts";
import { type BodyFeed, eventStream, wholeBody } from "./body-feed.ts";
import { classifyAnswer, type FailedFinish, failed, htmlAnswer } from "./call-failure.ts";
import type { ModelCall, ModelTarget, ProviderEvent, ProviderServices } from "./provider.ts";
import type { ReplyReader } from "./reply-reader.ts";

/** What one protocol adds to a streamed call over HTTP. */
export interface WireProtocol {
  /** `headers` without those every call has; the target's own come on top. */
  request(call: ModelCall): { url: string; headers: Record<string, string>; body: string };
  readReply(target: ModelTarget, emit: (event: ProviderEvent) => void): ReplyReader;
}

export const DEADLINES: Deadlines = {
  connectMs: 10_000,
  firstByteMs: 120_000,
  idleMs: 60_000,
  totalMs: 30 * 60_000,
};
const MAX_ERROR_BYTES = 64 * 1024;
/** How much, and for how long, is read after the reply is whole so that the connection can be used again. */
const MAX_TAIL_BYTES = 64 * 1024;
const MAX_TAIL_MS = 1_000;

/** One call over HTTP, by the contract of `Provider.call`. */
export async function* exchange(
  wire: WireProtocol,
  { outbound, clock }: ProviderServices,
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  const { target } = call;
  const deadlines = { ...DEADLINES, ...target.deadlines };
  const ready: ProviderEvent[] = [];
  const reply = wire.readReply(target, (event) => ready.push(event));
  let finished = false;
  let tail: Disposable | undefined;
  try {
    const request = requestFor(wire, call, deadlines, signal);
    const response = await outbound.request(request);
    const { status, headers } = response;
    if (status < 200 || status > 299) {
      const body = await response.text(MAX_ERROR_BYTES);
      const sentBytes = Buffer.byteLength(request.body ?? "");
      yield classifyAnswer({ status, headers, body, sentBytes }, target, clock.now());
      return;
    }
    const contentType = String(headers["content-type"] ?? "");
    if (contentType.includes("html")) {
      response.discard();
      yield htmlAnswer(status, target);
      return;
    }

    const feed = contentType.includes("json") ? wholeBody(reply) : eventStream(reply);
    const silent = watchSilence(feed, deadlines, () => clock.monotonic());
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
      const silentMs = silent();
      if (silentMs !== undefined && !reply.done) {
        finished = true;
        yield failed("timeout", `the model sent no whole event within ${silentMs} ms`, target);
        return;
      }
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

function requestFor(
  wire: WireProtocol,
  call: ModelCall,
  deadlines: Deadlines,
  signal: AbortSignal,
): OutboundRequest & { body: string } {
  const { url, headers, body } = wire.request(call);
  return {
    url,
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...headers,
      ...call.target.headers,
    },
    body,
    signal,
    deadlines,
  };
}

/**
 * The outbound client watches bytes; a server that sends one of them a second never finishes an event. Asked at each
 * piece: the deadline in milliseconds once it has passed, the longer one before the first event.
 */
function watchSilence(
  feed: BodyFeed,
  { firstByteMs, idleMs }: Deadlines,
  now: () => number,
): () => number | undefined {
  let seen = 0;
  let lastSign = now();
  return () => {
    const at = now();
    const limitMs = seen === 0 ? firstByteMs : idleMs;
    if (feed.signs === seen) return at - lastSign > limitMs ? limitMs : undefined;
    seen = feed.signs;
    lastSign = at;
    return undefined;
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

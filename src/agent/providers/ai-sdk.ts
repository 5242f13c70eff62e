import { Fault } from "../../platform/fault.ts";
import { type DeadlineWatch, watchDeadlines } from "../../platform/outbound-deadlines.ts";
import { type LanguageModel, openLanguageModel } from "../ai-sdk-package.ts";
import { encodeOptions } from "../ai-sdk-prompt.ts";
import { failureOf, readParts } from "../ai-sdk-stream.ts";
import { failed } from "../call-failure.ts";
import { DEADLINES } from "../exchange.ts";
import {
  defineProviderFactory,
  type ModelCall,
  type ModelTarget,
  type ProviderEvent,
  type ProviderServices,
} from "../provider.ts";

/** Any service there is an `@ai-sdk/*` package for. The package makes the HTTP calls; deadlines and classes of failure are ours. */
export default defineProviderFactory({
  api: "ai-sdk",
  create: (services) => ({ api: "ai-sdk", call: (call, signal) => ask(call, signal, services) }),
});

async function* ask(
  call: ModelCall,
  signal: AbortSignal,
  { stateDir, clock }: ProviderServices,
): AsyncGenerator<ProviderEvent> {
  const { target } = call;
  let model: LanguageModel;
  try {
    model = openLanguageModel(target, stateDir);
  } catch (error) {
    yield failed("rejected", wordsOf(error), target);
    return;
  }

  using watch = watchDeadlines(nameOf(target), { ...DEADLINES, ...target.deadlines }, signal);
  const late = Promise.withResolvers<"late">();
  const abort = new AbortController();
  watch.onFailure = () => {
    abort.abort();
    late.resolve("late");
  };
  try {
    watch.enter("first-byte");
    const options = { ...encodeOptions(call, model.specificationVersion), abortSignal: abort.signal };
    const begun = await Promise.race([model.doStream(options), late.promise]);
    if (begun === "late") return void (yield tooLate(watch, target));
    const read = readParts(target);
    const parts = begun.stream[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([parts.next(), late.promise]);
      if (next === "late") return void (yield tooLate(watch, target));
      if (next.done) break;
      watch.enter("idle");
      for (const event of read(next.value)) {
        yield event;
        if (event.kind === "finish") return;
      }
    }
    yield failed("malformed", "the model's answer ended before it was finished", target);
  } catch (error) {
    yield watch.failure ? tooLate(watch, target) : failureOf(error, target, clock.now());
  } finally {
    abort.abort();
  }
}

function tooLate({ failure }: DeadlineWatch, target: ModelTarget): ProviderEvent {
  const { phase, message } = failure!;
  return failed(phase === "aborted" ? "aborted" : "timeout", message, target);
}

function nameOf({ provider, baseUrl }: ModelTarget): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : provider;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Fault)) return error instanceof Error ? error.message : String(error);
  return [error.message, error.why, error.fix && `fix: ${error.fix}`].filter(Boolean).join(" — ");
}

import { type TranscriptMessage, textOf, type Usage } from "../../protocol/messages.ts";
import { answerToResults, answerToWords, type DemoAnswer } from "../demo-script.ts";
import { withoutContext } from "../message-context.ts";
import { defineProviderFactory, type ModelCall, type ProviderEvent } from "../provider.ts";

/** Words between two turns of the event loop: a long answer neither blocks others nor outruns an abort. */
const WORDS_PER_SLICE = 16;

/** A stand-in without any language model: the whole way of a message works before there is a key. */
export default defineProviderFactory({
  api: "demo",
  create: () => ({ api: "demo", call: answer }),
});

async function* answer(call: ModelCall, signal: AbortSignal): AsyncGenerator<ProviderEvent> {
  const reply = decide(call);
  let output = 0;
  if (reply.kind === "text") {
    let words = 0;
    for (const [delta] of reply.text.matchAll(/\s*\S+\s*/g)) {
      if (words++ % WORDS_PER_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) {
        yield { kind: "finish", reason: "failed", failure: "aborted", message: "aborted" };
        return;
      }
      output += delta.length;
      yield { kind: "text", delta };
    }
  } else {
    const { name, input } = reply;
    output = JSON.stringify(input).length;
    yield { kind: "tool-call", id: `demo_${call.messages.length}`, name, input };
  }
  yield { kind: "usage", usage: count(call, output) };
  yield { kind: "finish", reason: reply.kind === "text" ? "stop" : "tool-calls" };
}

function decide({ messages, tools }: ModelCall): DemoAnswer {
  const results: TranscriptMessage[] = [];
  for (const message of messages.toReversed()) {
    if (message.role === "toolResult") {
      results.unshift(message);
      continue;
    }
    if (results.length > 0) return { kind: "text", text: answerToResults(results) };
    if (message.role === "user")
      return answerToWords(
        withoutContext(textOf(message)),
        tools.map((tool) => tool.name),
      );
  }
  return answerToWords("", []);
}

/** A token is taken as four characters. */
function count({ system, messages }: ModelCall, outputChars: number): Usage {
  let inputChars = system.length;
  for (const message of messages) inputChars += textOf(message).length;
  const input = Math.ceil(inputChars / 4);
  const output = Math.ceil(outputChars / 4);
  return { input, output, cacheRead: 0, cacheWrite: 0, totalTokens: input + output };
}

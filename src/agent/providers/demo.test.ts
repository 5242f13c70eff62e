import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { createOutbound } from "../../platform/outbound.ts";
import { type TranscriptMessage, text } from "../../protocol/messages.ts";
import type { ModelCall, ProviderEvent } from "../provider.ts";
import { createProviders } from "../provider-set.ts";
import demo from "./demo.ts";

using outbound = createOutbound();
const providers = createProviders(
  { demo: async () => ({ default: demo }) },
  { outbound, clock: systemClock },
);

function call(...messages: TranscriptMessage[]): ModelCall {
  const tools = [{ name: "list", description: "", parameters: {} }];
  const target = { provider: "demo", model: "echo", api: "demo", baseUrl: "" };
  return { target, system: "12345678", messages, tools };
}

async function ask(modelCall: ModelCall, signal = new AbortController().signal): Promise<ProviderEvent[]> {
  const events: ProviderEvent[] = [];
  for await (const event of providers("demo")!.call(modelCall, signal)) events.push(event);
  return events;
}

const user = (words: string): TranscriptMessage => ({ role: "user", content: text(words), timestamp: 1 });

test("it streams word by word and counts four characters as a token", async () => {
  const events = await ask(call(user("say 3 words")));
  assert.deepEqual(
    events.map((event) => event.kind),
    ["text", "text", "text", "usage", "finish"],
  );
  const usage = events.find((event) => event.kind === "usage")?.usage;
  assert.deepEqual(usage, { input: 5, output: 5, cacheRead: 0, cacheWrite: 0, totalTokens: 10 });
});

test("an instruction becomes a tool call, and its result an answer", async () => {
  const [made, , finish] = await ask(call(user("list files")));
  assert.ok(made?.kind === "tool-call" && made.name === "list");
  assert.deepEqual(finish, { kind: "finish", reason: "tool-calls" });
  const asked: TranscriptMessage = {
    role: "assistant",
    content: [{ type: "toolCall", id: made.id, name: "list", arguments: {} }],
    timestamp: 2,
  };
  const result: TranscriptMessage = {
    role: "toolResult",
    content: text("a (1 bytes)"),
    timestamp: 3,
    toolName: "list",
  };
  const answer = await ask(call(user("list files"), asked, result));
  assert.match(answer.map((event) => (event.kind === "text" ? event.delta : "")).join(""), /^1 file:/);
});

test("a long answer can be aborted", async () => {
  const control = new AbortController();
  const pending = ask(call(user("say 20000 words")), control.signal);
  setImmediate(() => control.abort());
  const finish = (await pending).at(-1);
  assert.ok(finish?.kind === "finish" && finish.reason === "failed" && finish.failure === "aborted");
});

test("an adapter is made once; an unknown one is undefined", () => {
  assert.equal(providers("demo"), providers("demo"));
  assert.equal(providers("telepathy"), undefined);
});

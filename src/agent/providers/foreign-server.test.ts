import assert from "node:assert/strict";
import { test } from "node:test";
import { LLMock } from "@copilotkit/aimock";
import { systemClock } from "../../platform/clock.ts";
import { createOutbound } from "../../platform/outbound.ts";
import { text } from "../../protocol/messages.ts";
import type { ModelCall, ProviderEvent } from "../provider.ts";
import openaiCompletions from "./openai-completions.ts";

async function ask(
  baseUrl: string,
  messages: ModelCall["messages"],
  tools: ModelCall["tools"] = [],
): Promise<ProviderEvent[]> {
  using outbound = createOutbound();
  const provider = openaiCompletions.create({ outbound, clock: systemClock });
  const target = { provider: "p", model: "m", api: "openai-completions", baseUrl, apiKey: "any" };
  const events: ProviderEvent[] = [];
  const { signal } = new AbortController();
  for await (const event of provider.call({ target, system: "", messages, tools }, signal))
    events.push(event);
  return events;
}

function said(events: ProviderEvent[]): string {
  return events.reduce((all, event) => (event.kind === "text" ? all + event.delta : all), "");
}

function user(words: string) {
  return { role: "user" as const, content: text(words), timestamp: 1 };
}

test("a foreign model server is understood: text, then a tool call, then its result", async () => {
  const mock = new LLMock({ port: 0, logLevel: "silent" });
  mock.onToolResult("call_1", { content: "Two files." });
  mock.onMessage("hello", { content: "Hi there, friend!" });
  mock.onMessage("list please", { toolCalls: [{ id: "call_1", name: "list", arguments: '{"path":"."}' }] });
  await mock.start();
  try {
    const baseUrl = `${mock.url}/v1`;
    assert.equal(said(await ask(baseUrl, [user("hello")])), "Hi there, friend!");

    const question = user("list please");
    const tools = [{ name: "list", description: "list", parameters: { type: "object", properties: {} } }];
    const made = await ask(baseUrl, [question], tools);
    const call = made.find((event) => event.kind === "tool-call");
    assert.deepEqual(call, { kind: "tool-call", id: "call_1", name: "list", input: { path: "." } });
    assert.deepEqual(made.at(-1), { kind: "finish", reason: "tool-calls" });

    const messages: ModelCall["messages"] = [
      question,
      {
        role: "assistant",
        content: [{ type: "toolCall", id: "call_1", name: "list", arguments: { path: "." } }],
        timestamp: 2,
      },
      { role: "toolResult", content: text("a\nb"), timestamp: 3, toolCallId: "call_1", toolName: "list" },
    ];
    assert.equal(said(await ask(baseUrl, messages, tools)), "Two files.");
  } finally {
    await mock.stop();
  }
});

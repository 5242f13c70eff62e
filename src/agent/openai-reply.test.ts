import assert from "node:assert/strict";
import { test } from "node:test";
import { readReply } from "./openai-reply.ts";
import type { ProviderEvent } from "./provider.ts";

const TARGET = { provider: "p", model: "m", api: "openai-completions", baseUrl: "" };

function delta(content: Record<string, unknown>, finish: string | null = null) {
  return { choices: [{ index: 0, delta: content, finish_reason: finish }] };
}

function read(...chunks: unknown[]): ProviderEvent[] {
  const events: ProviderEvent[] = [];
  const reply = readReply(TARGET, (event) => events.push(event));
  for (const chunk of chunks) reply.take(typeof chunk === "string" ? chunk : JSON.stringify(chunk));
  return [...events, ...reply.end()];
}

function said(events: ProviderEvent[]): string {
  return events.reduce((all, event) => (event.kind === "text" ? all + event.delta : all), "");
}

test("parallel tool calls are put together by index", () => {
  const piece = (index: number, id: string | undefined, name: string | undefined, args: string) =>
    delta({ tool_calls: [{ index, id, function: { name, arguments: args } }] });
  const [first, second, third, finish] = read(
    piece(0, "a", "read", '{"pa'),
    piece(1, "b", "list", ""),
    piece(0, undefined, undefined, 'th":"x"}'),
    piece(2, "c", "read", '{"path":'),
    delta({}, "tool_calls"),
    "[DONE]",
  );
  assert.deepEqual(first, { kind: "tool-call", id: "a", name: "read", input: { path: "x" } });
  assert.deepEqual(second, { kind: "tool-call", id: "b", name: "list", input: {} });
  assert.ok(third?.kind === "tool-call" && third.invalid && Object.keys(third.input).length === 0);
  assert.deepEqual(finish, { kind: "finish", reason: "tool-calls" });
});

test("content in parts is told apart into thoughts and text", () => {
  const parts = [
    { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
    { type: "text", text: "so" },
  ];
  assert.deepEqual(read(delta({ content: parts }, "stop")), [
    { kind: "thinking", delta: "hm" },
    { kind: "text", delta: "so" },
    { kind: "finish", reason: "stop" },
  ]);
});

const STREAMS: { name: string; events: unknown[]; text: string; failure: string; says: RegExp }[] = [
  {
    name: "an event that is no JSON",
    events: [delta({ content: "kept" }), '{"choices":[{', delta({ content: " not this" })],
    text: "kept",
    failure: "malformed",
    says: /no JSON object/,
  },
  {
    name: "an error inside the stream",
    events: [delta({ content: "kept" }), { error: { code: 429, message: "too fast" } }],
    text: "kept",
    failure: "rate-limit",
    says: /broke off: .*too fast/,
  },
  {
    name: "a stream without anything",
    events: [],
    text: "",
    failure: "malformed",
    says: /ended before it began/,
  },
  {
    name: "a stream that ends inside a tool call",
    events: [delta({ tool_calls: [{ index: 0, id: "a", function: { name: "x", arguments: '{"a' } }] })],
    text: "",
    failure: "malformed",
    says: /inside a tool call/,
  },
  {
    name: "an answer the content filter stopped",
    events: [delta({ content: "I" }, "content_filter"), "[DONE]"],
    text: "I",
    failure: "refused",
    says: /content filter/,
  },
];
for (const { name, events: wire, text: kept, failure, says } of STREAMS) {
  test(`${name} ends as ${failure} and keeps what came`, () => {
    const events = read(...wire);
    assert.equal(said(events), kept);
    const finish = events.at(-1);
    assert.ok(finish?.kind === "finish" && finish.reason === "failed");
    assert.equal(finish.failure, failure);
    assert.match(finish.message, says);
  });
}

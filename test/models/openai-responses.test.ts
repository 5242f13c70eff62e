import assert from "node:assert/strict";
import { test } from "node:test";
import { LLMock } from "@copilotkit/aimock";
import { askProvider, finishOf, LIST_TOOL, modelCall } from "../../src/agent/provider.fixture.ts";
import responses from "../../src/agent/providers/openai-responses.ts";
import { type TranscriptMessage, text } from "../../src/protocol/messages.ts";
import { event, json, openFaultModel, pieces } from "../kit/fault-model.ts";

const USAGE = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 8 },
  output_tokens: 4,
  total_tokens: 14,
};
const REASONING = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "enc" };
const call = (id: string, name: string) => ({
  type: "response.output_item.done",
  item: { type: "function_call", call_id: id, name, arguments: `{"of":"${id}"}` },
});
const said = (delta: string) => event({ type: "response.output_text.delta", delta });
const completed = (rest: Record<string, unknown> = {}) =>
  event({ type: "response.completed", response: { status: "completed", usage: USAGE, ...rest } });

test("thoughts, text, parallel tool calls and usage with cache figures", async () => {
  await using model = await openFaultModel(
    pieces(
      event({ type: "response.created", response: { status: "in_progress" } }),
      event({ type: "response.reasoning_summary_text.delta", delta: "hm" }),
      event({ type: "response.output_item.done", item: REASONING }),
      said("Hel"),
      said("lo"),
      event(call("a", "list")),
      event(call("b", "read")),
      completed(),
    ),
  );
  const target = { baseUrl: model.baseUrl, params: { thinking: "high" } };
  const events = await askProvider(responses, modelCall(target, { tools: [LIST_TOOL] }));
  assert.deepEqual(events, [
    { kind: "thinking", delta: "hm" },
    { kind: "thinking-signature", signature: JSON.stringify(REASONING) },
    { kind: "text", delta: "Hel" },
    { kind: "text", delta: "lo" },
    { kind: "tool-call", id: "a", name: "list", input: { of: "a" } },
    { kind: "tool-call", id: "b", name: "read", input: { of: "b" } },
    { kind: "usage", usage: { input: 2, output: 4, cacheRead: 8, cacheWrite: 0, totalTokens: 14 } },
    { kind: "finish", reason: "tool-calls" },
  ]);
  const { path, body, headers } = model.requests[0]!;
  assert.equal(path, "/v1/responses");
  assert.equal(headers.authorization, "Bearer SEC-key-provider");
  assert.deepEqual(body.reasoning, { effort: "high", summary: "auto" });
  assert.equal(body.store, false);
  assert.equal(body.instructions, "be nice");
});

test("a history with images, thoughts, calls and results goes back as items", async () => {
  await using model = await openFaultModel(pieces(said("ok"), completed()));
  const messages: TranscriptMessage[] = [
    {
      role: "user",
      content: [...text("look"), { type: "image", mimeType: "image/png", data: "QQ==" }],
      timestamp: 1,
    },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", thinkingSignature: JSON.stringify(REASONING) },
        { type: "toolCall", id: "a", name: "list", arguments: {} },
      ],
      timestamp: 1,
      api: "openai-responses",
      provider: "p",
      model: "m",
    },
    { role: "toolResult", content: text("x"), timestamp: 1, toolCallId: "a", toolName: "list" },
  ];
  await askProvider(responses, modelCall({ baseUrl: model.baseUrl, api: "openai-responses" }, { messages }));
  assert.deepEqual(model.requests[0]!.body.input, [
    {
      role: "user",
      content: [
        { type: "input_text", text: "look" },
        { type: "input_image", detail: "auto", image_url: "data:image/png;base64,QQ==" },
      ],
    },
    REASONING,
    { type: "function_call", call_id: "a", name: "list", arguments: "{}" },
    { type: "function_call_output", call_id: "a", output: "x" },
  ]);
});

const ENDINGS = [
  {
    name: "the limit of tokens",
    events: [
      said("a"),
      event({
        type: "response.incomplete",
        response: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
      }),
    ],
    want: { reason: "length" },
  },
  {
    name: "a content filter",
    events: [
      event({
        type: "response.incomplete",
        response: { status: "incomplete", incomplete_details: { reason: "content_filter" } },
      }),
    ],
    want: { failure: "refused" },
  },
  {
    name: "a failure of the service",
    events: [
      event({
        type: "response.failed",
        response: { status: "failed", error: { code: "server_error", message: "oops" } },
      }),
    ],
    want: { failure: "overloaded" },
  },
  {
    name: "a rate limit inside the stream",
    events: [event({ type: "error", code: "rate_limit_exceeded", message: "slow down" })],
    want: { failure: "rate-limit" },
  },
  { name: "a connection that ends without a closing event", events: [said("a")], want: { reason: "stop" } },
  { name: "nothing at all", events: [""], want: { failure: "malformed" } },
  { name: "an event that is no JSON", events: ["data: {oops\n\n"], want: { failure: "malformed" } },
];
for (const { name, events, want } of ENDINGS) {
  test(`ended by ${name}`, async () => {
    await using model = await openFaultModel(pieces(...events));
    assert.partialDeepStrictEqual(
      finishOf(await askProvider(responses, modelCall({ baseUrl: model.baseUrl }))),
      want,
    );
  });
}

test("a server that does not stream is understood", async () => {
  const output = [
    { type: "message", content: [{ type: "output_text", text: "whole" }] },
    call("a", "list").item,
  ];
  await using model = await openFaultModel(
    json(200, { object: "response", status: "completed", output, usage: USAGE }),
  );
  const events = await askProvider(responses, modelCall({ baseUrl: model.baseUrl }));
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["text", "tool-call", "usage", "finish"],
  );
});

test("a foreign server of this protocol is understood", async () => {
  const mock = new LLMock({ port: 0, logLevel: "silent" });
  mock.onMessage("list please", { toolCalls: [{ id: "call_1", name: "list", arguments: '{"path":"."}' }] });
  mock.onMessage("hello", { content: "Hi there, friend!" });
  await mock.start();
  try {
    const baseUrl = `${mock.url}/v1`;
    const spoken = await askProvider(responses, modelCall({ baseUrl }));
    const words = spoken.flatMap((one) => (one.kind === "text" ? one.delta : [])).join("");
    assert.equal(words, "Hi there, friend!");
    const messages = [{ role: "user" as const, content: text("list please"), timestamp: 1 }];
    const made = await askProvider(responses, modelCall({ baseUrl }, { messages, tools: [LIST_TOOL] }));
    assert.partialDeepStrictEqual(
      made.find(({ kind }) => kind === "tool-call"),
      { id: "call_1", name: "list", input: { path: "." } },
    );
  } finally {
    await mock.stop();
  }
});

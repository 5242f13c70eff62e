import assert from "node:assert/strict";
import { test } from "node:test";
import { LLMock } from "@copilotkit/aimock";
import { askProvider, finishOf, LIST_TOOL, modelCall } from "../../src/agent/provider.fixture.ts";
import anthropic from "../../src/agent/providers/anthropic-messages.ts";
import { type TranscriptMessage, text } from "../../src/protocol/messages.ts";
import { event, json, openFaultModel, pieces } from "../kit/fault-model.ts";

const START = event({
  type: "message_start",
  message: {
    usage: {
      input_tokens: 5,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 20,
      output_tokens: 1,
    },
  },
});
const delta = (index: number, piece: { type: string } & Record<string, unknown>) =>
  event({ type: "content_block_delta", index, delta: piece });
const block = (index: number, content: Record<string, unknown>) =>
  event({ type: "content_block_start", index, content_block: content });
const end = (reason: string) =>
  event({ type: "message_delta", delta: { stop_reason: reason }, usage: { output_tokens: 9 } }) +
  event({ type: "message_stop" });

test("thoughts with their signature, text, parallel tool calls and usage with cache figures", async () => {
  await using model = await openFaultModel(
    pieces(
      START,
      block(0, { type: "thinking", thinking: "" }),
      delta(0, { type: "thinking_delta", thinking: "hm" }),
      delta(0, { type: "signature_delta", signature: "sig" }),
      event({ type: "ping" }),
      block(1, { type: "text", text: "" }),
      delta(1, { type: "text_delta", text: "Hel" }),
      delta(1, { type: "text_delta", text: "lo" }),
      block(2, { type: "tool_use", id: "a", name: "list", input: {} }),
      block(3, { type: "tool_use", id: "b", name: "read", input: {} }),
      delta(2, { type: "input_json_delta", partial_json: '{"path":' }),
      delta(3, { type: "input_json_delta", partial_json: '{"n":1}' }),
      delta(2, { type: "input_json_delta", partial_json: '"."}' }),
      end("tool_use"),
    ),
  );
  const events = await askProvider(anthropic, modelCall({ baseUrl: model.baseUrl }, { tools: [LIST_TOOL] }));
  assert.deepEqual(events, [
    { kind: "thinking", delta: "hm" },
    { kind: "thinking-signature", signature: "sig" },
    { kind: "text", delta: "Hel" },
    { kind: "text", delta: "lo" },
    { kind: "tool-call", id: "a", name: "list", input: { path: "." } },
    { kind: "tool-call", id: "b", name: "read", input: { n: 1 } },
    { kind: "usage", usage: { input: 5, output: 9, cacheRead: 100, cacheWrite: 20, totalTokens: 134 } },
    { kind: "finish", reason: "tool-calls" },
  ]);
  const [{ path, headers, body }] = model.requests as [(typeof model.requests)[0]];
  assert.equal(path, "/v1/messages");
  assert.equal(headers["x-api-key"], "SEC-key-provider");
  assert.equal(headers.authorization, undefined);
  assert.equal(body.system[0].text, "be nice");
  assert.equal(body.tools[0].input_schema.type, "object");
});

test("a history with images, thoughts and repeated call ids is one the API takes", async () => {
  await using model = await openFaultModel(pieces(START, end("end_turn")));
  const assistant = (own: boolean): TranscriptMessage => ({
    role: "assistant",
    content: [
      { type: "thinking", thinking: "t", thinkingSignature: "s" },
      { type: "toolCall", id: "call|0", name: "list", arguments: {} },
    ],
    timestamp: 1,
    provider: own ? "p" : "other",
    model: "m",
  });
  const result: TranscriptMessage = {
    role: "toolResult",
    content: text("a"),
    timestamp: 1,
    toolCallId: "call|0",
    toolName: "list",
  };
  const question: TranscriptMessage = {
    role: "user",
    content: [...text("look"), { type: "image", mimeType: "image/png", data: "QQ==" }],
    timestamp: 1,
  };
  await askProvider(
    anthropic,
    modelCall(
      { baseUrl: model.baseUrl.replace("/v1", ""), params: { thinking: "low" } },
      { messages: [question, assistant(false), result, assistant(true), result, question], temperature: 1 },
    ),
  );
  const { body, path } = model.requests[0]!;
  assert.equal(path, "/v1/messages", "a base URL without the version gets one");
  const shape = body.messages.map(
    (message: { role: string; content: { type: string; id?: string; tool_use_id?: string }[] }) =>
      `${message.role}: ${message.content.map(({ type, id, tool_use_id }) => id ?? tool_use_id ?? type)}`,
  );
  assert.deepEqual(shape, [
    "user: text,image",
    "assistant: call_0",
    "user: call_0",
    "assistant: thinking,call_0_2",
    "user: call_0_2,text,image",
  ]);
  assert.deepEqual(body.messages.at(-1).content.at(-1).cache_control, { type: "ephemeral" });
  assert.ok(body.max_tokens > body.thinking.budget_tokens);
  assert.equal(body.temperature, undefined, "thinking takes no temperature");
});

const ENDINGS = [
  { reason: "max_tokens", want: { kind: "finish", reason: "length" } },
  { reason: "stop_sequence", want: { kind: "finish", reason: "stop" } },
  { reason: "refusal", want: { failure: "refused" } },
  { reason: "model_context_window_exceeded", want: { failure: "context-overflow" } },
] as const;
for (const { reason, want } of ENDINGS) {
  test(`stop reason ${reason}`, async () => {
    const hi = block(0, { type: "text", text: "hi" });
    await using model = await openFaultModel(pieces(START, hi, end(reason)));
    const finish = finishOf(await askProvider(anthropic, modelCall({ baseUrl: model.baseUrl })));
    assert.partialDeepStrictEqual(finish, want);
  });
}

const TROUBLES = [
  [529, "overloaded_error", "Overloaded", "overloaded"],
  [429, "rate_limit_error", "slow down", "rate-limit"],
  [401, "authentication_error", "invalid x-api-key", "auth"],
  [400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "context-overflow"],
  [400, "invalid_request_error", "Your credit balance is too low", "billing"],
  [404, "not_found_error", "model: claude-x", "model-not-found"],
] as const;
test("each error of the API has its class, before the stream and inside of it", async () => {
  await using model = await openFaultModel(json(500, {}));
  for (const [status, type, message, want] of TROUBLES) {
    const error = { type: "error", error: { type, message } };
    model.answer = json(status, error);
    const before = finishOf(await askProvider(anthropic, modelCall({ baseUrl: model.baseUrl })));
    assert.partialDeepStrictEqual(before, { failure: want });
    assert.ok("message" in before && before.message.startsWith(`HTTP ${status}: `));
  }
  model.answer = pieces(
    START,
    event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
  );
  const inside = finishOf(await askProvider(anthropic, modelCall({ baseUrl: model.baseUrl })));
  assert.partialDeepStrictEqual(inside, { failure: "overloaded" });
});

test("a foreign server of this protocol is understood", async () => {
  const mock = new LLMock({ port: 0, logLevel: "silent" });
  mock.onMessage("list please", { toolCalls: [{ id: "toolu_1", name: "list", arguments: '{"path":"."}' }] });
  mock.onMessage("hello", { content: "Hi there, friend!" });
  await mock.start();
  try {
    const spoken = await askProvider(anthropic, modelCall({ baseUrl: mock.url }));
    const words = spoken.flatMap((one) => (one.kind === "text" ? one.delta : [])).join("");
    assert.equal(words, "Hi there, friend!");
    const messages = [{ role: "user" as const, content: text("list please"), timestamp: 1 }];
    const made = await askProvider(
      anthropic,
      modelCall({ baseUrl: mock.url }, { messages, tools: [LIST_TOOL] }),
    );
    assert.partialDeepStrictEqual(
      made.find(({ kind }) => kind === "tool-call"),
      { name: "list", input: { path: "." } },
    );
    assert.deepEqual(finishOf(made), { kind: "finish", reason: "tool-calls" });
  } finally {
    await mock.stop();
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type TranscriptMessage, text } from "../protocol/messages.ts";
import { encodeRequest } from "./openai-messages.ts";
import type { ModelCall } from "./provider.ts";

const HISTORY: TranscriptMessage[] = [
  { role: "user", content: text("look"), timestamp: 1 },
  {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "hm" },
      { type: "toolCall", id: "c1", name: "read", arguments: { path: "a" } },
    ],
    timestamp: 2,
  },
  { role: "toolResult", content: [], timestamp: 3, toolCallId: "c1", toolName: "read" },
  {
    role: "user",
    content: [...text("and this"), { type: "image", data: "QUJD", mimeType: "image/png" }],
    timestamp: 4,
  },
];
const TOOLS = [{ name: "read", description: "Read a file", parameters: { type: "object" } }];

function encode(compat: Record<string, unknown> = {}, call: Partial<ModelCall> = {}) {
  const target = { provider: "p", model: "org/m", api: "openai-completions", baseUrl: "", compat };
  return JSON.parse(encodeRequest({ target, system: "sys", messages: HISTORY, tools: TOOLS, ...call }));
}

test("tools, tool results and images in their wire form", () => {
  assert.deepEqual(encode({}, { temperature: 0, maxTokens: 9 }), {
    model: "org/m",
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0,
    max_tokens: 9,
    tools: [{ type: "function", function: TOOLS[0] }],
    messages: [
      { role: "system", content: "sys" },
      { role: "user", content: "look" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "read", arguments: '{"path":"a"}' } }],
      },
      { role: "tool", tool_call_id: "c1", content: "(no output)" },
      {
        role: "user",
        content: [
          { type: "text", text: "and this" },
          { type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } },
        ],
      },
    ],
  });
});

test("an empty system prompt and an empty list of tools are not sent", () => {
  const body = encode({}, { system: "", tools: [] });
  assert.equal(body.messages[0].role, "user");
  assert.equal("tools" in body, false);
});

test("compat.requiresStringContent makes every content a string", () => {
  const { messages } = encode({ requiresStringContent: true });
  for (const { content } of messages) assert.equal(typeof content, "string");
  assert.match(messages.at(-1).content, /^and this\n\[1 image\(s\) left out/);
});

test("compat.supportsTools false leaves no trace of tools on the wire", () => {
  const body = encode({ supportsTools: false });
  assert.equal("tools" in body, false);
  assert.deepEqual(body.messages.slice(2, 4), [
    { role: "assistant", content: '[called read {"path":"a"}]' },
    { role: "user", content: "[result of read]\n(no output)" },
  ]);
});

test("compat.maxTokensField and compat.supportsUsageInStreaming", () => {
  const compat = { maxTokensField: "max_completion_tokens", supportsUsageInStreaming: false };
  const body = encode(compat, { maxTokens: 5 });
  assert.equal(body.max_completion_tokens, 5);
  assert.equal("max_tokens" in body, false);
  assert.equal("stream_options" in body, false);
});

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { finishOf, LIST_TOOL, modelCall } from "../../src/agent/provider.fixture.ts";
import type { ModelCall, ModelTarget, ProviderEvent } from "../../src/agent/provider.ts";
import aiSdk from "../../src/agent/providers/ai-sdk.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { createOutbound } from "../../src/platform/outbound.ts";
import { text } from "../../src/protocol/messages.ts";
import {
  begin,
  chunk,
  type FaultModel,
  inTurn,
  json,
  openFaultModel,
  says,
  stallsAfter,
} from "../kit/fault-model.ts";
import { openGateway } from "../kit/gateway.ts";
import { makeState } from "../kit/state.ts";
import { connectWire } from "../kit/wire.ts";

async function ask(call: ModelCall, stateDir?: string): Promise<ProviderEvent[]> {
  using outbound = createOutbound();
  const provider = aiSdk.create({ outbound, clock: systemClock, ...(stateDir && { stateDir }) });
  return await Array.fromAsync(provider.call(call, new AbortController().signal));
}

const through = ({ baseUrl }: FaultModel, more: Partial<ModelTarget> = {}): Partial<ModelTarget> => ({
  api: "ai-sdk",
  provider: "openai-compatible",
  baseUrl,
  ...more,
});

test("a real package: streamed text, usage, the key as bearer", async () => {
  await using model = await openFaultModel(says("Hel", "lo"));
  const events = await ask(modelCall(through(model)));
  assert.deepEqual(
    events.map((event) => (event.kind === "text" ? event.delta : event.kind)),
    ["Hel", "lo", "usage", "finish"],
  );
  const usage = events.find((event) => event.kind === "usage");
  assert.partialDeepStrictEqual(usage, { usage: { input: 7, output: 2, totalTokens: 9 } });
  assert.equal(model.requests[0]!.headers.authorization, "Bearer SEC-key-provider");
});

test("a real package: tools there and back, and pictures", async () => {
  await using model = await openFaultModel(
    inTurn((response) => {
      begin(response);
      const call = {
        index: 0,
        id: "c1",
        type: "function",
        function: { name: "list", arguments: '{"path":"/tmp"}' },
      };
      response.write(chunk({ tool_calls: [call] }));
      response.end(`${chunk({}, "tool_calls")}data: [DONE]\n\n`);
    }, says("two files")),
  );
  const first = modelCall(through(model), {
    tools: [LIST_TOOL],
    messages: [
      {
        role: "user",
        content: [...text("look"), { type: "image", data: "AAAA", mimeType: "image/png" }],
        timestamp: 1,
      },
    ],
  });
  const events = await ask(first);
  assert.deepEqual(events[0], { kind: "tool-call", id: "c1", name: "list", input: { path: "/tmp" } });
  assert.equal(finishOf(events).reason, "tool-calls");
  assert.match(model.requests[0]!.text, /"image_url":\{"url":"data:image\/png;base64,AAAA"/);
  assert.equal(model.requests[0]!.body.tools[0].function.name, "list");

  await ask({
    ...first,
    messages: [
      ...first.messages,
      {
        role: "assistant",
        content: [{ type: "toolCall", id: "c1", name: "list", arguments: { path: "/tmp" } }],
        timestamp: 1,
      },
      { role: "toolResult", content: text("a b"), timestamp: 1, toolCallId: "c1", toolName: "list" },
    ],
  });
  assert.deepEqual(model.requests[1]!.body.messages.slice(-1), [
    { role: "tool", tool_call_id: "c1", content: "a b" },
  ]);
});

test("failures of the service are classified as everywhere; a silent one meets its deadline", async () => {
  await using model = await openFaultModel(
    json(429, { error: { message: "slow down", type: "rate_limit_error" } }, { "retry-after": "2" }),
  );
  const limited = finishOf(await ask(modelCall(through(model))));
  assert.partialDeepStrictEqual(limited, { reason: "failed", failure: "rate-limit", retryAfterMs: 2_000 });
  assert.equal(model.requests.length, 1, "the package repeats nothing by itself");
  model.answer = stallsAfter(chunk({ content: "a" }));
  const deadlines = { firstByteMs: 2_000, idleMs: 150, totalMs: 3_000 };
  const events = await ask(modelCall(through(model, { deadlines })));
  assert.partialDeepStrictEqual(finishOf(events), { reason: "failed", failure: "timeout" });
  assert.equal(events[0]?.kind, "text");
});

test("a package of the state folder, with the older form of the specification", async () => {
  using state = makeState({});
  const folder = join(state.dir, "node_modules", "@ai-sdk", "older");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "@ai-sdk/older", main: "index.cjs" }));
  writeFileSync(
    join(folder, "index.cjs"),
    `exports.createOlder = ({ apiKey }) => (modelId) => ({
       specificationVersion: "v2",
       async doStream({ prompt, abortSignal }) {
         const said = prompt.at(-1).content[0].text;
         return { stream: new ReadableStream({ start(stream) {
           stream.enqueue({ type: "stream-start", warnings: [] });
           stream.enqueue({ type: "reasoning-delta", id: "1", delta: "hm" });
           stream.enqueue({ type: "text-delta", id: "2", delta: [apiKey.length, modelId, said, abortSignal.aborted].join(" ") });
           stream.enqueue({ type: "finish", finishReason: "length", usage: { inputTokens: 9, outputTokens: 3, totalTokens: 12, cachedInputTokens: 4 } });
           stream.close();
         } }) };
       },
     });`,
  );
  const events = await ask(
    modelCall({ api: "ai-sdk", provider: "mine", params: { package: "@ai-sdk/older" } }),
    state.dir,
  );
  assert.deepEqual(events, [
    { kind: "thinking", delta: "hm" },
    { kind: "text", delta: "16 m hello false" },
    { kind: "usage", usage: { input: 5, output: 3, cacheRead: 4, cacheWrite: 0, totalTokens: 12 } },
    { kind: "finish", reason: "length" },
  ]);
});

test("what is missing is named with the line that installs it, to whoever asked", async () => {
  await using gateway = await openGateway({
    config: {
      models: { providers: { absent: { api: "ai-sdk", apiKey: "SEC-key" } } },
      agents: { defaults: { model: "absent/m" } },
    },
  });
  using client = await connectWire(gateway.port, { token: gateway.token });
  await client.request("agent", { message: "hello", idempotencyKey: "r" });
  const { payload } = await client.request("agent.wait", { runId: "r", timeoutMs: 10_000 });
  assert.equal(
    payload.error,
    `the AI SDK package @ai-sdk/absent is not installed — models with api ai-sdk come from a package that is looked for beside the gateway and in its state folder — fix: npm install --prefix ${gateway.state.dir} @ai-sdk/absent`,
  );
  const outside = finishOf(
    await ask(modelCall({ api: "ai-sdk", params: { package: "@ai-sdk/../../evil" } })),
  );
  assert.match(
    outside.reason === "failed" ? outside.message : "",
    /is not the name of a package of the AI SDK/,
  );
});

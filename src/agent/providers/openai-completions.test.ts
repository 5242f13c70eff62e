import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { createOutbound } from "../../platform/outbound.ts";
import { text } from "../../protocol/messages.ts";
import type { ModelCall, ModelTarget, ProviderEvent } from "../provider.ts";
import openaiCompletions from "./openai-completions.ts";

const KEY = "sk-test-0123456789abcdef";

type Handler = (response: ServerResponse, request: IncomingMessage, body: string) => void;

async function upstream(handler: Handler) {
  let requests = 0;
  const sockets = new Set<unknown>();
  const server = createServer(async (request, response) => {
    requests++;
    sockets.add(request.socket);
    let body = "";
    for await (const piece of request) body += piece;
    handler(response, request, body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests: () => requests,
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function callTo(
  baseUrl: string,
  target: Partial<ModelTarget> = {},
  call: Partial<ModelCall> = {},
): ModelCall {
  return {
    target: { provider: "p", model: "m", api: "openai-completions", baseUrl, apiKey: KEY, ...target },
    system: "be nice",
    messages: [{ role: "user", content: text("hello"), timestamp: 1 }],
    tools: [],
    ...call,
  };
}

async function ask(call: ModelCall, signal = new AbortController().signal): Promise<ProviderEvent[]> {
  using outbound = createOutbound();
  const provider = openaiCompletions.create({ outbound, clock: systemClock });
  return await collect(provider.call(call, signal));
}

async function collect(stream: AsyncIterable<ProviderEvent>): Promise<ProviderEvent[]> {
  const events: ProviderEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

function sse(response: ServerResponse, ...events: unknown[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) response.write(frame(event));
}

function frame(event: unknown): string {
  return `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`;
}

function delta(content: Record<string, unknown>, finish: string | null = null) {
  return { choices: [{ index: 0, delta: content, finish_reason: finish }] };
}

function said(events: ProviderEvent[]): string {
  return events.reduce((all, event) => (event.kind === "text" ? all + event.delta : all), "");
}

function finishOf(events: ProviderEvent[]) {
  const finishes = events.filter((event) => event.kind === "finish");
  assert.equal(finishes.length, 1, "exactly one finish");
  assert.equal(events.at(-1), finishes[0], "the finish is last");
  return finishes[0]!;
}

const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 4,
  total_tokens: 14,
  prompt_tokens_details: { cached_tokens: 8 },
};

test("text, reasoning and usage of a well-behaved stream", async () => {
  const seen: { url?: string; authorization?: string; extra?: unknown; body?: Record<string, unknown> } = {};
  await using server = await upstream((response, request, body) => {
    Object.assign(seen, {
      url: request.url,
      authorization: request.headers.authorization,
      extra: request.headers["x-extra"],
      body: JSON.parse(body),
    });
    sse(
      response,
      delta({ role: "assistant", content: "" }),
      delta({ reasoning_content: "hm " }),
      delta({ reasoning: "so" }),
      delta({ content: "Hel" }),
      delta({ content: "lo" }),
      delta({}, "stop"),
      { choices: [], usage: USAGE },
      "[DONE]",
    );
    response.end();
  });
  const events = await ask(callTo(server.baseUrl, { headers: { "x-extra": "1" } }));
  assert.deepEqual(events, [
    { kind: "thinking", delta: "hm " },
    { kind: "thinking", delta: "so" },
    { kind: "text", delta: "Hel" },
    { kind: "text", delta: "lo" },
    { kind: "usage", usage: { input: 2, output: 4, cacheRead: 8, cacheWrite: 0, totalTokens: 14 } },
    { kind: "finish", reason: "stop" },
  ]);
  assert.equal(seen.url, "/v1/chat/completions");
  assert.equal(seen.authorization, `Bearer ${KEY}`);
  assert.equal(seen.extra, "1");
  assert.deepEqual(seen.body?.stream_options, { include_usage: true });
});

test("characters and events split over packets arrive whole", async () => {
  await using server = await upstream(async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const bytes = Buffer.from(frame(delta({ content: "grüß 🦞" })) + frame(delta({}, "stop")));
    for (const byte of bytes) {
      response.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  const events = await ask(callTo(server.baseUrl));
  assert.equal(said(events), "grüß 🦞");
  assert.equal(finishOf(events).reason, "stop");
});

test("a stream that turns out malformed ends at once and keeps what came", async () => {
  await using server = await upstream((response) => {
    sse(response, delta({ content: "kept" }), '{"choices":[{', delta({ content: " not this" }));
  });
  const events = await ask(callTo(server.baseUrl));
  assert.equal(said(events), "kept");
  const finish = finishOf(events);
  assert.ok(finish.reason === "failed" && finish.failure === "malformed");
});

test("[HTTP-08] a stream that ends cleanly without finish_reason is a finished answer, asked for once", async () => {
  await using server = await upstream((response) => {
    sse(response, delta({ content: "all of it" }));
    response.end();
  });
  const events = await ask(callTo(server.baseUrl));
  assert.equal(said(events), "all of it");
  assert.deepEqual(finishOf(events), { kind: "finish", reason: "stop" });
  assert.equal(server.requests(), 1);
});

test("[HTTP-07] a cut in the middle keeps each piece once and ends as a failure", async () => {
  await using server = await upstream((response) => {
    sse(response, delta({ content: "one " }), delta({ content: "two " }), delta({ content: "three" }));
    setImmediate(() => response.destroy());
  });
  const events = await ask(callTo(server.baseUrl));
  assert.ok("one two three".startsWith(said(events)));
  const finish = finishOf(events);
  assert.ok(finish.reason === "failed" && finish.failure === "network");
  assert.equal(server.requests(), 1);
});

test("a cut after the upstream said why it stopped costs nothing", async () => {
  await using server = await upstream((response) => {
    sse(response, delta({ content: "whole" }), delta({}, "length"));
    setTimeout(() => response.destroy(), 20);
  });
  const events = await ask(callTo(server.baseUrl));
  assert.equal(said(events), "whole");
  assert.deepEqual(finishOf(events), { kind: "finish", reason: "length" });
});

const BODIES: { name: string; type: string; body: string }[] = [
  {
    name: "one JSON answer of a server that does not stream",
    type: "application/json",
    body: JSON.stringify({ choices: [{ message: { content: "hi" }, finish_reason: "stop" }] }),
  },
  {
    name: "a stream under the type of JSON",
    type: "application/json",
    body: frame(delta({ content: "hi" }, "stop")),
  },
  {
    name: "a stream under no type worth the name",
    type: "text/plain",
    body: frame(delta({ content: "hi" }, "stop")),
  },
  {
    name: "a stream without its last empty line",
    type: "text/event-stream",
    body: frame(delta({ content: "hi" }, "stop")).trimEnd(),
  },
  {
    name: "a stream with comments and CRLF",
    type: "text/event-stream",
    body: `: ping\r\n\r\n${frame(delta({ content: "hi" }, "stop")).replaceAll("\n", "\r\n")}`,
  },
];
for (const { name, type, body } of BODIES) {
  test(`${name} is read`, async () => {
    await using server = await upstream((response) =>
      response.writeHead(200, { "content-type": type }).end(body),
    );
    const events = await ask(callTo(server.baseUrl));
    assert.equal(said(events), "hi");
    assert.deepEqual(finishOf(events), { kind: "finish", reason: "stop" });
  });
}

test("a line of one megabyte is read", async () => {
  const long = "x".repeat(1024 * 1024);
  await using server = await upstream((response) => {
    sse(response, delta({ content: long }, "stop"));
    response.end();
  });
  assert.equal(said(await ask(callTo(server.baseUrl))), long);
});

test("a web page instead of an answer names the address", async () => {
  await using server = await upstream((response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Welcome</title>");
  });
  const finish = finishOf(await ask(callTo(server.baseUrl)));
  assert.ok(finish.reason === "failed" && finish.failure === "network");
  assert.match(finish.message, /web page.*127\.0\.0\.1:\d+\/v1 the right baseUrl/);
});

test("an error status becomes a classified finish without the key", async () => {
  await using server = await upstream((response) => {
    const error = {
      message: `Incorrect API key provided: ${KEY}`,
      type: "invalid_request_error",
      code: "invalid_api_key",
    };
    response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ error }));
  });
  const finish = finishOf(await ask(callTo(server.baseUrl)));
  assert.ok(finish.reason === "failed" && finish.failure === "auth");
  assert.equal(finish.message, "HTTP 401: invalid_api_key: Incorrect API key provided: ***");
});

test("a server that is not there is a network failure that names it", async () => {
  const server = await upstream(() => {});
  const { baseUrl } = server;
  await server[Symbol.asyncDispose]();
  const finish = finishOf(await ask(callTo(baseUrl)));
  assert.ok(finish.reason === "failed" && finish.failure === "network");
  assert.match(finish.message, /127\.0\.0\.1:\d+.*ECONNREFUSED/);
});

test("an abort ends the stream and its connection", async () => {
  const control = new AbortController();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using server = await upstream((response) => {
    response.on("close", resolve);
    sse(response, delta({ content: "and so" }));
    setImmediate(() => control.abort());
  });
  const finish = finishOf(await ask(callTo(server.baseUrl), control.signal));
  assert.ok(finish.reason === "failed" && finish.failure === "aborted");
  await closed;
});

test("calls one after another share a connection", async () => {
  await using server = await upstream((response) => {
    sse(response, delta({ content: "hi" }, "stop"), { choices: [], usage: USAGE }, "[DONE]");
    response.end();
  });
  using outbound = createOutbound();
  const provider = openaiCompletions.create({ outbound, clock: systemClock });
  for (let turn = 0; turn < 3; turn++) {
    await collect(provider.call(callTo(server.baseUrl), new AbortController().signal));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(
    { requests: server.requests(), connections: server.connections() },
    { requests: 3, connections: 1 },
  );
});

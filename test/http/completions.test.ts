import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call, type HttpCall, sseEvents } from "../kit/http.ts";
import { connectWire } from "../kit/wire.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const PATH = "/v1/chat/completions";
const say = (content: unknown, extra: Record<string, unknown> = {}) => ({
  messages: [{ role: "user", content }],
  ...extra,
});
const complete = (body: unknown, headers: Record<string, string> = {}) =>
  call({ port: gateway.port, path: PATH, token: gateway.token, body, headers });

test("models are agents", async () => {
  const { json } = await call({ port: gateway.port, path: "/v1/models", token: gateway.token });
  assert.deepEqual(
    json.data.map((model: { id: string }) => model.id),
    ["openclaw", "openclaw/default", "openclaw/main"],
  );
  const one = await call({ port: gateway.port, path: "/v1/models/openclaw%2Fmain", token: gateway.token });
  assert.equal(one.json.id, "openclaw/main");
  const unknown = await call({ port: gateway.port, path: "/v1/models/gpt-9", token: gateway.token });
  assert.equal(unknown.status, 404);
});

test("a completion comes through a real tool call", async () => {
  const { status, json } = await complete(say("list files"));
  assert.equal(status, 200);
  assert.equal(json.object, "chat.completion");
  assert.equal(json.choices[0].finish_reason, "stop");
  assert.match(json.choices[0].message.content, /AGENTS\.md/);
  assert.ok(json.usage.total_tokens > 0);
});

test("[HTTP-06] a streamed completion is a clean event stream, whatever the text contains", async () => {
  const { headers, text } = await complete(
    say("say 30 words", { stream: true, stream_options: { include_usage: true } }),
  );
  assert.match(headers["content-type"]!, /^text\/event-stream/);
  // biome-ignore lint/suspicious/noExplicitAny: foreign client's view
  const events = sseEvents(text) as any[];
  assert.equal(events.at(-1), "[DONE]");
  assert.deepEqual(events[0].choices[0].delta, { role: "assistant" });
  assert.equal(events.at(-3).choices[0].finish_reason, "stop");
  assert.ok(events.at(-2).usage.completion_tokens > 0);
  const words = events
    .slice(1, -3)
    .map((event) => event.choices[0].delta.content)
    .join("");
  assert.equal(words.trim().split(/\s+/).length, 30);
});

test("the `user` field keeps one conversation, without it each call has its own", async () => {
  await complete(say("say 3 words", { user: "alice" }));
  await complete(say("say 4 words", { user: "alice" }));
  const { store } = gateway.running.services.turns;
  assert.equal(store.find("agent:main:openai-user:alice")!.lastSeq, 4);
});

const REFUSED = [
  { name: "not JSON", body: "{", status: 400, says: /not valid JSON/ },
  { name: "no messages", body: {}, status: 400, says: /must have required property 'messages'/ },
  {
    name: "no user message",
    body: { messages: [] },
    status: 400,
    says: /^Missing user message in `messages`\.$/,
  },
  {
    name: "foreign model",
    body: say("x", { model: "gpt-4" }),
    status: 400,
    says: /^Invalid `model`\. Use `openclaw` or `openclaw\/<agentId>`\.$/,
  },
  {
    name: "unknown agent",
    body: say("x", { model: "openclaw/nobody" }),
    status: 400,
    says: /^Unknown agent 'nobody'\.$/,
  },
  {
    name: "prototype agent",
    body: say("x", { model: "openclaw/__proto__" }),
    status: 400,
    says: /^Unknown agent/,
  },
  { name: "temperature", body: say("x", { temperature: 9 }), status: 400, says: /temperature/ },
  {
    name: "client tools",
    body: say("x", { tools: [{ type: "function" }] }),
    status: 400,
    says: /tools\/0: .*function/,
  },
  { name: "empty", body: say("  "), status: 400, says: /empty/ },
  {
    name: "[HTTP-01] image by address",
    body: say([{ type: "image_url", image_url: { url: "http://127.0.0.1:9/x.png" } }]),
    status: 400,
    says: /data URLs only/,
  },
] as const;
for (const { name, body, status, says } of REFUSED) {
  test(`refused: ${name}`, async () => {
    const answer = await complete(body);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.json.error.message, says);
  });
}

test("[HTTP-02] reserved and foreign session keys are refused", async () => {
  for (const key of ["agent:main:cron:job", "agent:main:subagent:x", "cron:job", "agent:other:main", "a b"]) {
    const answer = await complete(say("x"), { "x-openclaw-session-key": key });
    assert.equal(answer.status, 400, key);
  }
});

test("an unknown backend model is the caller's mistake", async () => {
  const answer = await complete(say("x"), { "x-openclaw-model": "nobody/nothing" });
  assert.equal(answer.status, 404);
  assert.match(answer.json.error.message, /nobody/);
});

test("[auth-http-unauthorized] [AUTH-24] only the bearer header counts", async () => {
  const attempts: Omit<HttpCall, "port">[] = [
    { path: "/v1/models" },
    { path: `/v1/models?token=${gateway.token}` },
    { path: "/v1/models", headers: { "x-openclaw-token": gateway.token } },
    { path: "/v1/models", headers: { authorization: `Basic ${btoa(`x:${gateway.token}`)}` } },
    { path: "/v1/models", token: "wrong" },
  ];
  for (const attempt of attempts) {
    const answer = await call({ port: gateway.port, ...attempt });
    assert.equal(answer.status, 401, JSON.stringify(attempt.headers));
    assert.deepEqual(answer.json, { error: { message: "Unauthorized", type: "unauthorized" } });
  }
});

test("[DOS-14] a body that is too large is refused before it is read, and the connection ends", async () => {
  const closed = new Promise<string>((resolve) => {
    const socket = connect(gateway.port, "127.0.0.1");
    let text = "";
    socket.on("data", (data) => {
      text += data;
    });
    socket.on("close", () => resolve(text));
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${gateway.token}\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n`,
    );
  });
  assert.match(await closed, /^HTTP\/1\.1 413 /);
});

test("[DOS-12] a refused request does not keep its socket", async () => {
  const closed = new Promise<string>((resolve) => {
    const socket = connect(gateway.port, "127.0.0.1");
    let text = "";
    socket.on("data", (data) => {
      text += data;
    });
    socket.on("close", () => resolve(text));
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer bad\r\nContent-Length: 100000\r\n\r\n`,
    );
  });
  assert.match(await closed, /^HTTP\/1\.1 401 /);
});

test("[DOS-18] compressed bodies are not accepted", async () => {
  assert.equal((await complete(say("x"), { "content-encoding": "gzip" })).status, 415);
});

test("[DOS-19] ambiguous requests are refused and the connection ends", async () => {
  const smuggled =
    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n";
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(gateway.port, "127.0.0.1", () => socket.write(smuggled));
    let text = "";
    socket.on("data", (data) => {
      text += data;
    });
    socket.on("close", () => resolve(text));
  });
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.equal(answer.match(/HTTP\/1\.1/g)!.length, 1);
});

test("[AUTH-43] a page from elsewhere cannot post, with or without a secret in force", async () => {
  await using open = await openGateway({
    config: {
      gateway: { auth: { mode: "none" }, http: { endpoints: { chatCompletions: { enabled: true } } } },
    },
  });
  for (const origin of ["http://evil.example", "null", "http://localhost:3000"]) {
    const answer = await call({ port: open.port, path: PATH, body: say("x"), headers: { origin } });
    assert.equal(answer.status, 403, origin);
  }
  const formLike = await call({
    port: open.port,
    path: PATH,
    body: say("x"),
    headers: { "content-type": "text/plain" },
  });
  assert.equal(formLike.status, 415);
  const own = await call({
    port: open.port,
    path: PATH,
    body: say("say 2 words"),
    headers: { origin: `http://127.0.0.1:${open.port}` },
  });
  assert.equal(own.status, 200);
});

test("switched off, the endpoint names the key that switches it on", async () => {
  await using off = await openGateway({
    config: { gateway: { http: { endpoints: { chatCompletions: { enabled: false } } } } },
  });
  const answer = await call({ port: off.port, path: PATH, token: off.token, body: say("x") });
  assert.equal(answer.status, 404);
  assert.match(
    answer.json.error.message,
    /openclaw config set gateway\.http\.endpoints\.chatCompletions\.enabled true/,
  );
});

test("an upstream failure becomes an honest status, streamed or not", async () => {
  const config = {
    models: {
      providers: {
        gone: { baseUrl: "http://127.0.0.1:9/v1", api: "openai-completions", apiKey: "SEC-key-7777" },
      },
    },
    agents: { defaults: { model: { primary: "gone/model" } } },
  };
  await using broken = await openGateway({ config });
  for (const stream of [false, true]) {
    const answer = await call({
      port: broken.port,
      path: PATH,
      token: broken.token,
      body: say("x", { stream }),
    });
    assert.equal(answer.status, 502, answer.text);
    assert.match(answer.json.error.message, /ECONNREFUSED|127\.0\.0\.1:9/);
    assert.ok(!answer.text.includes("SEC-key-7777"));
  }
});

test("a denied tool is not offered, whatever the model wants", async () => {
  await using careful = await openGateway({ config: { tools: { deny: ["exec"] } } });
  const answer = await call({
    port: careful.port,
    path: PATH,
    token: careful.token,
    body: say("run echo CANARY"),
  });
  assert.equal(answer.status, 200);
  assert.doesNotMatch(answer.json.choices[0].message.content, /^CANARY/m);
  const { toolsOf, agents } = careful.running.services.turns;
  assert.deepEqual(
    toolsOf(agents()[0]!).map(({ name }) => name),
    ["list", "read", "write"],
  );
});

test("a default model that cannot work fails turns and nothing else", async () => {
  await using broken = await openGateway({ config: { agents: { defaults: { model: "nobody/nothing" } } } });
  const answer = await call({ port: broken.port, path: PATH, token: broken.token, body: say("x") });
  assert.equal(answer.status, 400);
  assert.match(answer.json.error.message, /nobody/);
  using client = await connectWire(broken.port, { token: broken.token });
  for (const method of ["status", "models.list", "sessions.list"]) {
    assert.equal((await client.request(method, {})).ok, true, method);
  }
  assert.equal((await client.request("chat.history", { sessionKey: "main" })).payload.defaults.model, null);
});

test("settings that are not used yet are named at the start", async () => {
  await using gateway = await openGateway({
    config: { cron: { enabled: true }, gateway: { tailscale: { mode: "serve" } } },
  });
  assert.ok(
    gateway.console.some((line) => line.includes("not used by this version yet: cron, gateway.tailscale")),
    gateway.console.join("\n"),
  );
});

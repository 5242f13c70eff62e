import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { openHeldModel } from "../kit/model.ts";
import { connectWire, type WireFrame } from "../kit/wire.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const connect = (extra: object = {}) =>
  connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"], ...extra });
const isFinal = (runId: string) => (frame: WireFrame) =>
  frame.event === "chat" && frame.payload.runId === runId && frame.payload.state === "final";

test("the acknowledgement comes before the events of its run", async () => {
  using client = await connect();
  const answer = await client.request("chat.send", {
    sessionKey: "order",
    message: "say 2 words",
    idempotencyKey: "o1",
  });
  await client.next(isFinal("o1"));
  const first = client.frames.findIndex((frame) => frame.payload?.runId === "o1" && frame.type === "event");
  assert.ok(client.frames.indexOf(answer) < first);
});

test("events are numbered per connection without gaps, and targeted ones take no number", async () => {
  using client = await connect();
  await client.request("chat.send", { sessionKey: "seq", message: "list files", idempotencyKey: "s1" });
  await client.next(isFinal("s1"));
  const numbers = client.frames.filter((frame) => frame.seq !== undefined).map((frame) => frame.seq);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
});

test("tool details go to the connection that started the run, and only if it asked for them", async () => {
  using own = await connect({ caps: ["tool-events"] });
  using other = await connect({ caps: ["tool-events"] });
  await own.request("chat.send", { sessionKey: "tools", message: "list files", idempotencyKey: "t1" });
  await Promise.all([own.next(isFinal("t1")), other.next(isFinal("t1"))]);
  const tools = (client: typeof own) =>
    client.frames.filter((frame) => frame.event === "agent" && frame.payload.stream === "tool");
  assert.deepEqual(
    tools(own).map((frame) => frame.payload.data.phase),
    ["start", "result"],
  );
  assert.match(tools(own)[1]!.payload.data.result.content[0].text, /AGENTS\.md/);
  assert.deepEqual(tools(other), []);
});

test("a client with session-scoped-events hears of its own sessions only; scope-less ones hear of none", async () => {
  using own = await connect({ caps: ["session-scoped-events"] });
  using stranger = await connect({ caps: ["session-scoped-events"] });
  using scopeless = await connectWire(gateway.port, { token: gateway.token, scopes: [] });
  await own.request("chat.send", { sessionKey: "mine", message: "say 2 words", idempotencyKey: "m1" });
  await own.next(isFinal("m1"));
  await stranger.request("health");
  await scopeless.request("health");
  assert.ok(!stranger.frames.some((frame) => frame.event === "chat" || frame.event === "agent"));
  assert.ok(!scopeless.frames.some((frame) => frame.event === "chat" || frame.event === "agent"));
});

test("session.message and sessions.changed come after a subscription", async () => {
  using client = await connect();
  await client.request("sessions.subscribe");
  await client.request("sessions.messages.subscribe", { key: "sub" });
  await client.request("chat.send", { sessionKey: "sub", message: "say 2 words", idempotencyKey: "sub1" });
  await client.next(isFinal("sub1"));
  const messages = client.frames
    .filter((frame) => frame.event === "session.message")
    .map((frame) => frame.payload.message.role);
  assert.deepEqual(messages, ["user", "assistant"]);
  await client.next((frame) => frame.event === "sessions.changed" && frame.payload.phase === "end");
  await client.request("sessions.messages.unsubscribe", { key: "sub" });
});

test("chat.send without a target and without a key have their own answers", async () => {
  using client = await connect();
  const untargeted = await client.request("chat.send", { message: "x", idempotencyKey: "k" });
  assert.equal(untargeted.error.details.code, "SESSION_MUTATION_TARGET_REQUIRED");
  const keyless = await client.request("chat.send", { sessionKey: "main", message: "x" });
  assert.equal(
    keyless.error.message,
    "invalid chat.send params: must have required property 'idempotencyKey'",
  );
  const empty = await client.request("chat.send", { sessionKey: "main", message: " ", idempotencyKey: "k" });
  assert.match(empty.error.message, /empty/);
  const unknown = await client.request("chat.send", {
    sessionKey: "agent:nobody:main",
    message: "x",
    idempotencyKey: "k",
  });
  assert.equal(unknown.error.message, 'Agent "nobody" no longer exists in configuration');
});

test("attachments are images of known kinds, and nothing else", async () => {
  using client = await connect();
  const send = (attachment: object) =>
    client.request("chat.send", {
      sessionKey: "img",
      message: "x",
      idempotencyKey: crypto.randomUUID(),
      attachments: [attachment],
    });
  assert.match((await send({ mimeType: "text/html", content: "AA==" })).error.message, /images only/);
  assert.match((await send({ mimeType: "image/png", content: "not base64!" })).error.message, /base64/);
  assert.equal((await send({ mimeType: "image/png", content: "AA==" })).ok, true);
});

test("chat.abort stops a run, keeps what was said, and the lane goes on", async () => {
  await using model = await openHeldModel();
  await using held = await openGateway({ config: model.config });
  using client = await connectWire(held.port, { token: held.token });
  await client.request("chat.send", { sessionKey: "main", message: "first", idempotencyKey: "a1" });
  await client.next((frame) => frame.event === "chat" && frame.payload.state === "delta");
  const aborted = await client.request("chat.abort", { sessionKey: "main" });
  assert.deepEqual(aborted.payload, { ok: true, aborted: true, runIds: ["a1"] });
  const event = await client.next((frame) => frame.event === "chat" && frame.payload.state === "aborted");
  assert.equal(event.payload.stopReason, "rpc");
  const { payload } = await client.request("chat.history", { sessionKey: "main" });
  assert.equal(payload.messages.at(-1).content[0].text, "answer 1");
  assert.equal(payload.messages.at(-1).stopReason, "aborted");
  assert.equal((await client.request("agent.wait", { runId: "a1" })).payload.status, "error");
  assert.deepEqual((await client.request("chat.abort", { sessionKey: "main" })).payload, {
    ok: true,
    aborted: false,
    runIds: [],
  });
});

test("messages of one session wait for each other, and history shows them waiting", async () => {
  await using model = await openHeldModel();
  await using held = await openGateway({ config: model.config });
  using client = await connectWire(held.port, { token: held.token });
  await client.request("chat.send", { sessionKey: "main", message: "first", idempotencyKey: "q1" });
  await client.request("chat.send", { sessionKey: "main", message: "second", idempotencyKey: "q2" });
  await model.calls(1);
  const again = await client.request("chat.send", {
    sessionKey: "main",
    message: "second",
    idempotencyKey: "q2",
  });
  assert.equal(again.payload.status, "in_flight");
  const { payload } = await client.request("chat.history", { sessionKey: "main" });
  assert.equal(payload.inFlightRun.runId, "q1");
  assert.deepEqual(
    payload.pendingInputs.items.map(
      ({ message }: { message: { content: { text: string }[] } }) => message.content[0]!.text,
    ),
    ["second"],
  );
  model.release();
  await model.calls(2);
  model.release();
  await client.next(isFinal("q2"));
  const history = await client.request("chat.history", { sessionKey: "main" });
  assert.deepEqual(
    history.payload.messages.map(({ content }: { content: { text: string }[] }) => content[0]!.text),
    ["first", "answer 1", "second", "answer 2"],
  );
});

test("a steered message joins the run that is going on", async () => {
  await using model = await openHeldModel();
  await using held = await openGateway({ config: model.config });
  using client = await connectWire(held.port, { token: held.token });
  await client.request("chat.send", { sessionKey: "main", message: "first", idempotencyKey: "st1" });
  await model.calls(1);
  await client.request("chat.send", {
    sessionKey: "main",
    message: "also this",
    idempotencyKey: "st2",
    queueMode: "steer",
  });
  model.release();
  await model.calls(2);
  model.release();
  await client.next(isFinal("st1"));
  assert.equal((await client.request("agent.wait", { runId: "st2" })).payload.status, "ok");
  assert.equal(model.bodies.length, 2);
  assert.match(JSON.stringify(model.bodies[1]!.messages.at(-1)), /also this/);
});

test("an interrupting message ends the run before it", async () => {
  await using model = await openHeldModel();
  await using held = await openGateway({ config: model.config });
  using client = await connectWire(held.port, { token: held.token });
  await client.request("chat.send", { sessionKey: "main", message: "first", idempotencyKey: "i1" });
  await model.calls(1);
  await client.request("chat.send", {
    sessionKey: "main",
    message: "stop that",
    idempotencyKey: "i2",
    queueMode: "interrupt",
  });
  await client.next(
    (frame) => frame.event === "chat" && frame.payload.runId === "i1" && frame.payload.state === "aborted",
  );
  await model.calls(2);
  model.release();
  model.release();
  await client.next(isFinal("i2"));
});

test("a run that takes longer than its caller allows ends with timeout", async () => {
  await using model = await openHeldModel();
  await using held = await openGateway({ config: model.config });
  using client = await connectWire(held.port, { token: held.token });
  client.send({
    type: "req",
    id: "limited",
    method: "agent",
    params: { message: "hello", idempotencyKey: "tm1", timeout: 0.2 },
  });
  const final = await client.next((frame) => frame.id === "limited" && frame.payload?.status !== "accepted");
  assert.equal(final.payload.status, "timeout");
  assert.equal(final.payload.result.payloads[0].text, "answer 1");
});

test("agent continues a conversation by its id", async () => {
  using client = await connect();
  await client.request("chat.send", { sessionKey: "by-id", message: "say 2 words", idempotencyKey: "id1" });
  await client.next(isFinal("id1"));
  const { payload } = await client.request("chat.history", { sessionKey: "by-id" });
  const accepted = await client.request("agent", {
    message: "say 3 words",
    idempotencyKey: "id2",
    sessionId: payload.sessionId,
  });
  assert.equal(accepted.payload.sessionKey, "agent:main:by-id");
  const unknown = await client.request("agent", { message: "x", idempotencyKey: "id3", sessionId: "nope" });
  assert.equal(unknown.error.message, "No session found: nope");
});

test("agent.wait on a run nobody knows ends with timeout", async () => {
  using client = await connect();
  const answer = await client.request("agent.wait", { runId: "never", timeoutMs: 50 });
  assert.deepEqual(answer.payload, { runId: "never", status: "timeout" });
});

test("agent names an unknown agent in its own words", async () => {
  using client = await connect();
  const { error } = await client.request("agent", { message: "x", idempotencyKey: "k", agentId: "nobody" });
  assert.match(error.message, /^invalid agent params: unknown agent id "nobody"/);
});

test("sessions.list finds what was used", async () => {
  using client = await connect();
  await client.request("chat.send", { sessionKey: "listed", message: "say 2 words", idempotencyKey: "l1" });
  await client.next(isFinal("l1"));
  const { payload } = await client.request("sessions.list", { search: "listed" });
  assert.equal(payload.sessions.length, 1);
  assert.equal(payload.sessions[0].status, "done");
  assert.equal(payload.sessions[0].lastMessagePreview.length > 0, true);
});

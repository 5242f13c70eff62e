import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { connectParams, connectWire, openWire } from "../kit/wire.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway({ env: { OPENCLAW_HANDSHAKE_TIMEOUT_MS: "1500" } });
});
after(() => gateway[Symbol.asyncDispose]());

test("the challenge is the first frame and carries a nonce and the server's time", async () => {
  using client = await openWire(gateway.port);
  const challenge = await client.next(() => true);
  assert.equal(challenge.event, "connect.challenge");
  assert.match(challenge.payload.nonce, /^[0-9a-f-]{36}$/);
  assert.equal(Number.isInteger(challenge.payload.ts), true);
  assert.equal("seq" in challenge, false);
});

test("[connect-first-frame] another method first is answered and closed with 1008", async () => {
  using client = await openWire(gateway.port);
  const answer = await client.request("health");
  assert.equal(answer.error.code, "INVALID_REQUEST");
  assert.equal(answer.error.message, "invalid handshake: first request must be connect");
  assert.deepEqual(await client.closed, {
    code: 1008,
    reason: "invalid handshake: first request must be connect",
  });
});

const GARBAGE = [
  "garbage",
  "",
  "[]",
  "null",
  '{"type":"res"}',
  '{"type":"req","id":"","method":"connect"}',
  "{".repeat(1000),
];
for (const text of GARBAGE) {
  test(`[DOS-08] a first frame of ${JSON.stringify(text.slice(0, 20))} is closed with 1008 and a reason`, async () => {
    using client = await openWire(gateway.port);
    client.sendText(text);
    assert.deepEqual(await client.closed, { code: 1008, reason: "invalid request frame" });
  });
}

test("a silent socket is closed when the handshake time is over", async () => {
  using client = await openWire(gateway.port);
  assert.deepEqual(await client.closed, { code: 1008, reason: "connect timeout" });
});

test("[DOS-04] a frame over 64 KiB before hello is closed with 1009", async () => {
  using client = await openWire(gateway.port);
  client.sendText("x".repeat(70_000));
  assert.equal((await client.closed).code, 1009);
});

test("a frame over 64 KiB after hello is fine", async () => {
  using client = await connectWire(gateway.port, { token: gateway.token });
  const answer = await client.request("health", { note: "x".repeat(200_000) });
  assert.equal(answer.ok, true);
});

test("[DOS-05] a frame over maxPayload is closed with 1009, others live on", async () => {
  using other = await connectWire(gateway.port, { token: gateway.token });
  using client = await connectWire(gateway.port, { token: gateway.token });
  client.sendText("x".repeat(client.hello.policy.maxPayload + 1));
  assert.equal((await client.closed).code, 1009);
  assert.equal((await other.request("health")).ok, true);
});

test("after hello a bad frame is answered and the connection stays", async () => {
  using client = await connectWire(gateway.port, { token: gateway.token });
  client.send({ type: "req", id: "7", method: "" });
  const answer = await client.next((frame) => frame.id === "7");
  assert.match(answer.error.message, /^invalid request frame: at \/method/);
  client.sendText("not json");
  assert.match(
    (await client.next((frame) => frame.id === "invalid")).error.message,
    /^invalid request frame/,
  );
  assert.equal((await client.request("health")).ok, true);
});

test("a second connect is refused and the connection stays", async () => {
  using client = await connectWire(gateway.port, { token: gateway.token });
  const answer = await client.request("connect", connectParams({ token: gateway.token }));
  assert.equal(answer.error.message, "connect is only valid as the first request");
  assert.equal((await client.request("health")).ok, true);
});

test("unknown keys in frames and connect parameters are ignored", async () => {
  using client = await connectWire(gateway.port, {
    token: gateway.token,
    workerRuns: {},
    modelCatalog: { a: 1 },
  });
  client.send({ type: "req", id: "x", method: "health", expectedProfileId: "p", somethingNew: true });
  assert.equal((await client.next((frame) => frame.id === "x")).ok, true);
});

test("two requests with one id get two answers; a binary frame with JSON counts as text", async () => {
  using client = await connectWire(gateway.port, { token: gateway.token });
  client.send({ type: "req", id: "same", method: "health" });
  client.socket.send(Buffer.from(JSON.stringify({ type: "req", id: "same", method: "health" })));
  await client.next((frame) => frame.id === "same");
  await client.next((frame) => frame.id === "same");
});

for (const name of ["nope.method", "__proto__", "constructor", "toString", "hasOwnProperty"]) {
  test(`[DOS-09] method ${name} is unknown, whatever it is called`, async () => {
    using client = await connectWire(gateway.port, { token: gateway.token, scopes: [] });
    const { error } = await client.request(name);
    assert.equal(error.code, "INVALID_REQUEST");
    assert.equal(error.message, `unknown method: ${name}`);
  });
}

test("[DOS-07] deeply nested JSON is answered, not suffered", async () => {
  using client = await connectWire(gateway.port, { token: gateway.token });
  client.sendText(
    `{"type":"req","id":"deep","method":"health","params":{"probe":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`,
  );
  const answer = await client.next((frame) => frame.id === "deep" || frame.id === "invalid");
  assert.equal(answer.ok, false);
  assert.equal((await client.request("health")).ok, true);
});

test("any path upgrades", async () => {
  const { WebSocket } = await import("ws");
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/v1/models`);
  const first = await new Promise<string>((resolve) =>
    socket.once("message", (data) => resolve(data.toString())),
  );
  assert.match(first, /connect\.challenge/);
  socket.terminate();
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { GatewayClient } from "@openclaw/gateway-client";
import { EventFrameSchema, HelloOkSchema, ResponseFrameSchema } from "@openclaw/gateway-protocol";
import { Value } from "typebox/value";
import { openGateway } from "../kit/gateway.ts";
import { LONG } from "../kit/long.ts";
import { localConfig, makeState } from "../kit/state.ts";
import { connectWire } from "../kit/wire.ts";

interface SeenEvent {
  event: string;
  seq?: number;
  // biome-ignore lint/suspicious/noExplicitAny: a foreign client's view of the payload
  payload?: any;
}

/** The published reference client, used as a stranger would. */
async function connect(
  port: number,
  token: string,
  options: { scopes?: string[]; tickWatchTimeoutMs?: number } = {},
) {
  const connected = Promise.withResolvers<unknown>();
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  const events: SeenEvent[] = [];
  const gaps: unknown[] = [];
  const hellos: unknown[] = [];
  const client = new GatewayClient({
    url: `ws://127.0.0.1:${port}`,
    token,
    minProtocol: 4,
    maxProtocol: 4,
    scopes: ["operator.admin"],
    ...options,
    onHelloOk(hello: unknown) {
      hellos.push(hello);
      connected.resolve(hello);
    },
    onConnectError: (error: Error) => connected.reject(error),
    onEvent: (event: SeenEvent) => void events.push(event),
    onGap: (gap: unknown) => void gaps.push(gap),
    onClose: (code: number, reason: string) => closed.resolve({ code, reason }),
  });
  client.start();
  await connected.promise;
  return { client, events, gaps, hellos, closed: closed.promise, [Symbol.dispose]: () => client.stop() };
}

async function until<T>(read: () => T | undefined, withinMs = 10_000): Promise<T> {
  for (let wait = 0; wait < withinMs / 20; wait++) {
    const value = read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`did not happen within ${withinMs} ms`);
}

test("the official client connects, streams a chat and finds it again after a restart", async () => {
  using state = makeState(localConfig(1));
  {
    await using gateway = await openGateway({ state });
    using session = await connect(gateway.port, gateway.token);
    const sent = await session.client.request("chat.send", {
      sessionKey: "main",
      message: "list files",
      idempotencyKey: "run-1",
    });
    assert.deepEqual(sent, { runId: "run-1", status: "started" });

    const final = await until(() =>
      session.events.find(({ event, payload }) => event === "chat" && payload.state === "final"),
    );
    assert.equal(final.payload.runId, "run-1");
    assert.equal(final.payload.sessionKey, "agent:main:main");
    assert.match(final.payload.message.content[0].text, /AGENTS\.md/);

    const phases = session.events
      .filter(({ event, payload }) => event === "agent" && payload.stream === "lifecycle")
      .map(({ payload }) => payload.data.phase);
    assert.deepEqual(phases, ["start", "model", "end"]);
    assert.ok(session.events.some(({ event, payload }) => event === "chat" && payload.state === "delta"));
    assert.ok(
      session.events.some(
        ({ event, payload }) =>
          event === "agent" && payload.stream === "item" && payload.data.name === "list",
      ),
    );
    const runSeqs = session.events
      .filter(({ event }) => event === "agent" || event === "chat")
      .map(({ payload }) => payload.seq);
    assert.deepEqual(
      runSeqs,
      [...runSeqs].sort((a, b) => a - b),
    );
    assert.deepEqual(session.gaps, []);

    const again = await session.client.request("chat.send", {
      sessionKey: "main",
      message: "list files",
      idempotencyKey: "run-1",
    });
    assert.deepEqual(again, { runId: "run-1", status: "ok" });
  }
  await using gateway = await openGateway({ state });
  using session = await connect(gateway.port, gateway.token);
  // biome-ignore lint/suspicious/noExplicitAny: a foreign client's view of the payload
  const history: any = await session.client.request("chat.history", { sessionKey: "agent:main:main" });
  assert.deepEqual(
    history.messages.map((message: { role: string }) => message.role),
    ["user", "assistant", "toolResult", "assistant"],
  );
  assert.equal(history.totalMessages, 4);
  assert.equal(history.messages[0].content[0].text, "list files");
  assert.equal(history.messages[0].idempotencyKey, "run-1:user");
});

test("`agent` answers twice with one id: accepted, then the end", async () => {
  await using gateway = await openGateway();
  using session = await connect(gateway.port, gateway.token);
  const accepted: unknown[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: a foreign client's view of the payload
  const final: any = await session.client.request(
    "agent",
    { message: "say 5 words", idempotencyKey: "run-a", deliver: false, timeout: 600 },
    { expectFinal: true, onAccepted: (payload: unknown) => void accepted.push(payload) } as never,
  );
  assert.equal(final.status, "ok");
  assert.equal(final.summary, "completed");
  assert.equal(final.result.payloads[0].text.trim().split(/\s+/).length, 5);
  assert.equal(final.result.meta.agentMeta.provider, "demo");

  // biome-ignore lint/suspicious/noExplicitAny: as above
  const waited: any = await session.client.request("agent.wait", { runId: "run-a", timeoutMs: 1000 });
  assert.equal(waited.status, "ok");
  assert.equal(waited.terminalReply.disposition, "visible");
});

test("read methods answer the official client", async () => {
  await using gateway = await openGateway();
  using session = await connect(gateway.port, gateway.token);
  const results: Record<string, unknown> = {};
  for (const method of [
    "health",
    "status",
    "system-presence",
    "agents.list",
    "models.list",
    "sessions.list",
    "config.get",
    "config.schema",
    "logs.tail",
  ]) {
    results[method] = await session.client.request(method, {});
  }
  assert.ok(
    !JSON.stringify(results).includes(gateway.token),
    "[SCOPE-15] [CONF-07] the secret is in an answer",
  );
  assert.ok(Array.isArray(results["system-presence"]));
  const { lines, cursor } = results["logs.tail"] as { lines: string[]; cursor: string };
  assert.ok(lines.some((line) => JSON.parse(line).message === "ready"));
  const later = await session.client.request<{ reset: boolean; lines: string[] }>("logs.tail", { cursor });
  assert.equal(later.reset, false);
});

test("[shutdown-event] stopping tells clients first, then closes with 1012", async () => {
  await using gateway = await openGateway();
  using session = await connect(gateway.port, gateway.token);
  await gateway.stop();
  assert.deepEqual(await session.closed, { code: 1012, reason: "service restart" });
  const last = session.events.at(-1)!;
  assert.equal(last.event, "shutdown");
  assert.equal(last.payload.reason, "gateway stopping");
});

test("the official client leaves a connection that went silent and comes back", {
  skip: LONG ? false : "its watchdog looks every thirty seconds: OPENCLAW_TEST_LONG=1",
}, async () => {
  await using gateway = await openGateway();
  // A network that goes silent without a word, as behind a router that forgot the connection.
  let silent = false;
  let first: Socket | undefined;
  const relay = createServer((near) => {
    const far = connectTcp(gateway.port, "127.0.0.1");
    const forgotten = () => silent && near === first;
    first ??= near;
    near.on("data", (bytes) => void far.write(bytes));
    far.on("data", (bytes) => void (forgotten() || near.write(bytes)));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const)
      from.on("error", () => {}).once("close", () => to.destroy());
  });
  await once(relay.listen(0, "127.0.0.1"), "listening");
  try {
    using session = await connect((relay.address() as AddressInfo).port, gateway.token, {
      tickWatchTimeoutMs: 20_000,
    });
    await session.client.request("health");
    silent = true;
    // Its goodbye (4000, "tick timeout") gets no answer on such a network.
    assert.equal((await session.closed).code, 1006);
    await until(() => session.hellos[1], 30_000);
    assert.ok(await session.client.request("health"));
  } finally {
    relay.close();
  }
});

test("our frames satisfy the published schema", async () => {
  await using gateway = await openGateway();
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
  // `auth.method` came with 2026.9.6; the published schema is of 2026.9.1.
  const { method, ...auth } = client.hello.auth;
  assert.equal(method, "token");
  conforms("hello", HelloOkSchema, { ...client.hello, auth });
  await client.request("chat.send", { sessionKey: "main", message: "list files", idempotencyKey: "k" });
  await client.next((frame) => frame.event === "chat" && frame.payload.state === "final");
  await client.request("no.such.method");
  for (const frame of client.frames) {
    conforms(
      frame.event ?? `response ${frame.id}`,
      frame.type === "event" ? EventFrameSchema : ResponseFrameSchema,
      frame,
    );
  }
});

function conforms(name: string, schema: unknown, value: unknown): void {
  const problems = [...Value.Errors(schema as never, value as never)];
  assert.deepEqual(problems, [], `${name}: ${JSON.stringify(value)}`);
}

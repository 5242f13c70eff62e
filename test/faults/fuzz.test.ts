import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { METHODS } from "../../src/gateway/methods.gen.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { runs } from "../kit/long.ts";
import { connectWire, openWire } from "../kit/wire.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const RUNS = 40;
const hostile = fc.oneof(
  fc.jsonValue(),
  fc.constant({ __proto__: { polluted: true }, constructor: { prototype: { polluted: true } } }),
  fc.constant("x".repeat(100_000)),
  fc.string({ unit: "binary" }),
);

test("[CONF-01] every method survives every kind of parameter, and every refusal has a code", async () => {
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
  const keys = [
    "sessionKey",
    "key",
    "message",
    "idempotencyKey",
    "limit",
    "cursor",
    "offset",
    "runId",
    "attachments",
    "agentId",
    "probe",
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...METHODS.map(({ name }) => name).filter((name) => name !== "agent.wait")),
      fc.oneof(hostile, fc.dictionary(fc.constantFrom(...keys), hostile)),
      async (method, params) => {
        const answer = await client.request(method, params);
        if (answer.ok) return;
        assert.match(answer.error.code, /^[A-Z_]+$/);
        assert.notEqual(
          answer.error.message,
          "internal error",
          `${method} ${JSON.stringify(params).slice(0, 200)}`,
        );
      },
    ),
    { numRuns: RUNS * 10 },
  );
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.equal((await client.request("health")).ok, true);
});

test("arbitrary first frames close their own socket and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string({ unit: "binary" })), async (text) => {
      using client = await openWire(gateway.port);
      client.sendText(text);
      const { code, reason } = await client.closed;
      assert.ok([1002, 1007, 1008].includes(code), `${code} ${reason}`);
      if (code === 1008) assert.notEqual(reason, "");
    }),
    { numRuns: RUNS },
  );
});

test("[DOS-03] arbitrary bytes on the port are answered or dropped, and the next client is served", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
      fc.boolean(),
      async (bytes, asUpgrade) => {
        const head = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
        await new Promise<void>((resolve) => {
          const socket = connect(gateway.port, "127.0.0.1", () => {
            if (asUpgrade) socket.write(`${head}Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 99\r\n\r\n`);
            socket.end(Buffer.from(bytes));
          });
          socket.on("error", () => {});
          socket.on("close", () => resolve());
          socket.resume();
        });
      },
    ),
    { numRuns: RUNS },
  );
  using client = await connectWire(gateway.port, { token: gateway.token });
  assert.equal((await client.request("health")).ok, true);
});

const FRAMES = runs(400, 20_000);

const frame = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc
    .record({ type: fc.constantFrom("req", "res", "event", 1), id: fc.anything(), method: fc.anything() })
    .map((value) => JSON.stringify(value) ?? ""),
  fc
    .nat({ max: 300 })
    .map(
      (depth) =>
        `{"type":"req","id":"d","method":"health","params":${"[".repeat(depth)}${"]".repeat(depth)}}`,
    ),
);

test("R32: frames of every kind after hello are answered or ignored, and the connection lives", async () => {
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: [] });
  const before = settledMemory();
  await fc.assert(
    fc.asyncProperty(frame, fc.boolean(), async (text, binary) => {
      client.frames.length = 0;
      client.socket.send(binary ? Buffer.from(text) : text);
    }),
    { numRuns: FRAMES },
  );
  const { ok } = await client.request("health");
  assert.equal(ok, true);
  holdsNoMore(before);
});

const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

function settledMemory() {
  collectGarbage();
  return process.memoryUsage();
}

/** What is reachable is back to where it was; what the process holds is bounded, for its allocator gives back late. */
function holdsNoMore(before: NodeJS.MemoryUsage): void {
  const after = settledMemory();
  const grownMb = (field: "heapUsed" | "external" | "rss") => (after[field] - before[field]) / 1e6;
  console.log(`heap +${grownMb("heapUsed").toFixed(1)} MB, RSS +${grownMb("rss").toFixed(0)} MB`);
  assert.ok(grownMb("heapUsed") < 10, `heap +${grownMb("heapUsed")} MB`);
  assert.ok(grownMb("external") < 10, `external +${grownMb("external")} MB`);
  // The clients are in here too.
  assert.ok(grownMb("rss") < 250, `RSS +${grownMb("rss")} MB`);
}

test("R32: frames of every kind as the first one, with a device or without, close their own socket", async () => {
  const device = fc.record({
    id: fc.string(),
    publicKey: fc.string({ unit: "binary" }),
    signature: fc.string(),
    signedAt: fc.integer(),
    nonce: fc.string(),
  });
  const connect = fc
    .record({
      client: fc.record({
        id: fc.string({ minLength: 1 }),
        mode: fc.constantFrom("cli", "ui", "node", "backend"),
      }),
      role: fc.constantFrom("operator", "node", "root"),
      scopes: fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }),
      device: fc.option(device, { nil: undefined }),
      auth: fc.dictionary(fc.constantFrom("token", "password", "deviceToken", "bootstrapToken"), fc.string()),
    })
    .map(({ client, ...params }) =>
      JSON.stringify({
        type: "req",
        id: "c",
        method: "connect",
        params: {
          ...params,
          minProtocol: 4,
          maxProtocol: 4,
          client: { ...client, version: "1", platform: "linux" },
        },
      }),
    );
  const before = settledMemory();
  await fc.assert(
    fc.asyncProperty(fc.oneof(connect, frame), async (text) => {
      using client = await openWire(gateway.port);
      client.sendText(text);
      // A wrong token of this machine is answered late; whoever does not wait is no worse.
      client.socket.close();
      await client.closed;
    }),
    { numRuns: FRAMES },
  );
  holdsNoMore(before);
  using client = await connectWire(gateway.port, { token: gateway.token });
  assert.equal((await client.request("health")).ok, true);
});

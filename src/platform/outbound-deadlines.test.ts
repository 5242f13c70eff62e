import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { test } from "node:test";
import { against, failureOf, PATIENT } from "./outbound.fixture.ts";
import { createOutbound, type Deadlines } from "./outbound.ts";

const SILENT = 60;
const PHASES = [
  {
    phase: "first-byte",
    listener: () => {},
    deadlines: { firstByteMs: SILENT },
    message: /^127\.0\.0\.1:\d+ sent no answer within 60 ms$/,
  },
  {
    phase: "idle",
    listener: (_req, res) => void res.write("half"),
    deadlines: { idleMs: SILENT },
    message: /went silent in the middle of its answer within 60 ms$/,
  },
  {
    phase: "total",
    listener: (_req, res) => {
      const drip = setInterval(() => res.write("."), 10);
      res.on("close", () => clearInterval(drip));
    },
    // Long enough that the answer has begun, also on a busy machine.
    deadlines: { totalMs: 500, idleMs: 5_000 },
    message: /did not finish its answer within 500 ms$/,
  },
] satisfies { phase: string; listener: RequestListener; deadlines: Partial<Deadlines>; message: RegExp }[];
for (const { phase, listener, deadlines, message } of PHASES) {
  test(`the ${phase} deadline ends the request and the connection`, async () => {
    await using gate = await against(listener);
    const request = gate.request("/", { deadlines: { ...PATIENT, ...deadlines } });
    const error = await failureOf(request.then((response) => response.text(1_000_000)));
    assert.equal(error.phase, phase);
    assert.match(error.message, message);
    const [socket] = gate.sockets;
    if (!socket?.destroyed) await once(socket!, "close");
  });
}

test("the connect deadline counts the wait for a free connection", async () => {
  const outbound = createOutbound({ maxSocketsPerHost: 1 });
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const abort = new AbortController();
  const first = failureOf(outbound.request({ url, signal: abort.signal, deadlines: PATIENT }));
  const error = await failureOf(
    outbound.request({ url, signal: abort.signal, deadlines: { ...PATIENT, connectMs: 60 } }),
  );
  assert.equal(error.phase, "connect");
  assert.match(error.message, /accepted no connection within 60 ms/);
  abort.abort();
  await first;
  outbound[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
});

test("a reader that takes its time is not an idle server", async () => {
  await using gate = await against((_req, res) => {
    res.write("one");
    setTimeout(() => res.end("two"), 20);
  });
  const response = await gate.request("/", { deadlines: { ...PATIENT, idleMs: 150 } });
  let text = "";
  for await (const part of response.body) {
    text += Buffer.from(part).toString();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.equal(text, "onetwo");
});

test("an abort ends a request before its answer, in the middle of it, and one not begun", async () => {
  await using gate = await against((req, res) => {
    if (req.url === "/half") res.write("half");
  });
  const early = new AbortController();
  const waiting = failureOf(gate.request("/", { signal: early.signal }));
  setTimeout(() => early.abort(new Error("user left")), 20);
  const error = await waiting;
  assert.equal(error.phase, "aborted");
  assert.equal((error.cause as Error).message, "user left");

  const late = new AbortController();
  const response = await gate.request("/half", { signal: late.signal });
  const reading = failureOf(response.text(100));
  setTimeout(() => late.abort(), 20);
  assert.equal((await reading).phase, "aborted");

  const seen = gate.sockets.size;
  assert.equal((await failureOf(gate.request("/", { signal: AbortSignal.abort() }))).phase, "aborted");
  assert.equal(gate.sockets.size, seen);
});

test("the handshake of TLS belongs to the connect deadline", async () => {
  const sockets: Socket[] = [];
  const silent = createTcpServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1");
  await once(silent, "listening");
  using outbound = createOutbound();
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  const signal = new AbortController().signal;
  const error = await failureOf(outbound.request({ url, signal, deadlines: { ...PATIENT, connectMs: 80 } }));
  assert.equal(error.phase, "connect");
  for (const socket of sockets) socket.destroy();
  silent.close();
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { createOutbound, type Deadlines, OutboundError, type OutboundRequest } from "./outbound.ts";

const PATIENT: Deadlines = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 5_000, totalMs: 10_000 };

/** A server, a client and what the server saw. */
async function against(listener: RequestListener, options: { keepAliveMs?: number } = {}) {
  const server: Server = createServer(listener);
  server.keepAliveTimeout = options.keepAliveMs ?? 5_000;
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const outbound = createOutbound();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    request: (path: string, input: Partial<OutboundRequest> = {}) =>
      outbound.request({
        url: `http://127.0.0.1:${port}${path}`,
        signal: new AbortController().signal,
        deadlines: PATIENT,
        ...input,
      }),
    async [Symbol.asyncDispose]() {
      outbound[Symbol.dispose]();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function failureOf(promise: Promise<unknown>): Promise<OutboundError> {
  const error = await promise.then(
    () => assert.fail("did not fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OutboundError, String(error));
  return error;
}

test("sends method, path, headers and body, and streams the answer", async () => {
  await using gate = await against(async (req, res) => {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part);
    res.writeHead(201, { "x-seen": `${req.method} ${req.url} ${req.headers["x-a"]} ${req.headers["content-length"]}` });
    res.write(Buffer.concat(parts));
    res.end("!");
  });
  const response = await gate.request("/p?q=1", { headers: { "x-a": "b" }, body: "héllo" });
  assert.equal(response.status, 201);
  assert.equal(response.headers["x-seen"], "POST /p?q=1 b 6");
  const parts: Uint8Array[] = [];
  for await (const part of response.body) parts.push(part);
  assert.equal(Buffer.concat(parts).toString(), "héllo!");
});

test("an error status is an answer, a redirect is not followed", async () => {
  await using gate = await against((_req, res) => void res.writeHead(302, { location: "http://127.0.0.1:1/" }).end("moved"));
  const response = await gate.request("/", { method: "PUT" });
  assert.equal(response.status, 302);
  assert.equal(await response.text(100), "moved");
});

test("text stops at its limit", async () => {
  await using gate = await against((_req, res) => void res.end("x".repeat(1_000_000)));
  assert.equal((await (await gate.request("/")).text(1_000)).length, 1_000);
});

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
    deadlines: { totalMs: SILENT, idleMs: 5_000 },
    message: /did not finish its answer within 60 ms$/,
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
  const error = await failureOf(outbound.request({ url, signal: abort.signal, deadlines: { ...PATIENT, connectMs: 60 } }));
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
  const response = await gate.request("/", { deadlines: { ...PATIENT, idleMs: 60 } });
  let text = "";
  for await (const part of response.body) {
    text += Buffer.from(part).toString();
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  assert.equal(text, "onetwo");
});

test("[dependency-econnrefused] a closed port is named with the system's word for it", async () => {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  using outbound = createOutbound();
  const signal = new AbortController().signal;
  const error = await failureOf(outbound.request({ url: `http://127.0.0.1:${port}/`, signal, deadlines: PATIENT }));
  assert.deepEqual([error.phase, error.code], ["network", "ECONNREFUSED"]);
  assert.match(error.message, new RegExp(`^127\\.0\\.0\\.1:${port}: connect ECONNREFUSED`));
});

test("[CONF-09] no error repeats credentials, path or query", async () => {
  await using gate = await against((req) => req.socket.destroy());
  const host = `127.0.0.1:${gate.port}`;
  const credentials = `user:SEC-pass@`;
  const tries = [
    `http://${credentials}${host}/SEC-path?key=SEC-query`,
    `http://${credentials}${host}:bad/SEC-path`,
    `ftp://${credentials}${host}/SEC-path`,
    `SEC-nonsense`,
  ];
  using outbound = createOutbound();
  const signal = new AbortController().signal;
  for (const url of tries) {
    const headers = { authorization: "Bearer SEC-bearer" };
    const error = await failureOf(outbound.request({ url, headers, signal, deadlines: PATIENT }));
    assert.doesNotMatch(inspect(error, { depth: 5 }), /SEC-/);
    assert.equal(error.phase, "network");
  }
  const headers = { authorization: "Bearer SEC-\nbearer" };
  const error = await failureOf(outbound.request({ url: `http://${host}/`, headers, signal, deadlines: PATIENT }));
  assert.equal(error.code, "ERR_INVALID_CHAR");
  assert.doesNotMatch(inspect(error, { depth: 5 }), /SEC-/);
});

test("credentials of the URL go out as basic authentication", async () => {
  await using gate = await against((req, res) => void res.end(req.headers.authorization));
  using outbound = createOutbound();
  const url = `http://us%20er:p%25w@127.0.0.1:${gate.port}/`;
  const response = await outbound.request({ url, signal: new AbortController().signal, deadlines: PATIENT });
  assert.equal(await response.text(1_000), `Basic ${Buffer.from("us er:p%w").toString("base64")}`);
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

test("an answer that is cut is an error after what came", async () => {
  await using gate = await against((req, res) => {
    res.write("half");
    setTimeout(() => req.socket.destroy(), 20);
  });
  const response = await gate.request("/");
  let text = "";
  const error = await failureOf(
    (async () => {
      for await (const part of response.body) text += Buffer.from(part).toString();
    })(),
  );
  assert.equal(text, "half");
  assert.deepEqual([error.phase, error.code], ["network", "ECONNRESET"]);
});

test("requests share kept connections; one that was left early or discarded is closed", async () => {
  await using gate = await against((req, res) => {
    if (req.url !== "/endless") return void res.end("ok");
    res.write("x".repeat(10));
  });
  for (let n = 0; n < 3; n++) assert.equal(await (await gate.request("/")).text(10), "ok");
  assert.equal(gate.sockets.size, 1);

  for await (const _ of (await gate.request("/endless")).body) break;
  (await gate.request("/endless")).discard();
  assert.equal(await (await gate.request("/")).text(10), "ok");
  assert.equal(gate.sockets.size, 3);
});

test("a kept connection that the server cut is replaced once, unseen by the caller", async () => {
  const seen: string[] = [];
  await using gate = await against((req, res) => {
    seen.push(req.url ?? "");
    const isFirstOnSocket = seen.length !== 2;
    if (isFirstOnSocket) res.end("ok");
    else req.socket.resetAndDestroy();
  });
  assert.equal(await (await gate.request("/1")).text(10), "ok");
  assert.equal(await (await gate.request("/2", { body: "again" })).text(10), "ok");
  assert.deepEqual(seen, ["/1", "/2", "/2"]);
  assert.equal(gate.sockets.size, 2);
});

test("nothing else is retried", async () => {
  const seen: string[] = [];
  await using gate = await against((req, res) => {
    seen.push(req.url ?? "");
    if (req.url === "/fine") return void res.end("ok");
    if (req.url === "/bytes") req.socket.write("HTTP/1.1 200 OK\r\n");
    setTimeout(() => req.socket.resetAndDestroy(), 10);
  });
  assert.equal((await failureOf(gate.request("/fresh"))).code, "ECONNRESET");
  await (await gate.request("/fine")).text(10);
  assert.equal((await failureOf(gate.request("/bytes"))).code, "ECONNRESET");
  assert.deepEqual(seen, ["/fresh", "/fine", "/bytes"]);
});

test("an answer that is not HTTP is a network error", async () => {
  await using gate = await against((req) => req.socket.end("220 smtp ready\r\n"));
  const error = await failureOf(gate.request("/"));
  assert.equal(error.phase, "network");
  assert.match(error.code ?? "", /^HPE_/);
});

test("TLS to a server that speaks plain HTTP fails within its deadline", async () => {
  await using gate = await against((_req, res) => void res.end());
  using outbound = createOutbound();
  const url = `https://127.0.0.1:${gate.port}/`;
  const error = await failureOf(outbound.request({ url, signal: new AbortController().signal, deadlines: PATIENT }));
  assert.equal(error.phase, "network");
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

test("an address in brackets is reached", async (t) => {
  const server = createServer((_req, res) => void res.end("six")).listen(0, "::1");
  const listening = await Promise.race([once(server, "listening"), once(server, "error")]);
  if (listening.length > 0) return t.skip("no IPv6 here");
  using outbound = createOutbound();
  const url = `http://[::1]:${(server.address() as AddressInfo).port}/`;
  const response = await outbound.request({ url, signal: new AbortController().signal, deadlines: PATIENT });
  assert.equal(await response.text(10), "six");
  server.closeAllConnections();
  server.close();
});

test("a closed client refuses and ends what was under way", async () => {
  await using gate = await against(() => {});
  const outbound = createOutbound();
  const input = { url: gate.url, signal: new AbortController().signal, deadlines: PATIENT };
  const waiting = failureOf(outbound.request(input));
  await new Promise((resolve) => setTimeout(resolve, 30));
  outbound[Symbol.dispose]();
  assert.equal((await waiting).phase, "network");
  assert.match((await failureOf(outbound.request(input))).message, /closed/);
});

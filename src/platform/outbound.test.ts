import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { against, failureOf, PATIENT } from "./outbound.fixture.ts";
import { createOutbound } from "./outbound.ts";

test("sends method, path, headers and body, and streams the answer", async () => {
  await using gate = await against(async (req, res) => {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part);
    res.writeHead(201, {
      "x-seen": `${req.method} ${req.url} ${req.headers["x-a"]} ${req.headers["content-length"]}`,
    });
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
  await using gate = await against(
    (_req, res) => void res.writeHead(302, { location: "http://127.0.0.1:1/" }).end("moved"),
  );
  const response = await gate.request("/", { method: "PUT" });
  assert.equal(response.status, 302);
  assert.equal(await response.text(100), "moved");
});

test("text stops at its limit", async () => {
  await using gate = await against((_req, res) => void res.end("x".repeat(1_000_000)));
  assert.equal((await (await gate.request("/")).text(1_000)).length, 1_000);
});

test("credentials of the URL go out as basic authentication", async () => {
  await using gate = await against((req, res) => void res.end(req.headers.authorization));
  using outbound = createOutbound();
  const url = `http://us%20er:p%25w@127.0.0.1:${gate.port}/`;
  const response = await outbound.request({ url, signal: new AbortController().signal, deadlines: PATIENT });
  assert.equal(await response.text(1_000), `Basic ${Buffer.from("us er:p%w").toString("base64")}`);
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

test("what must not happen twice is not sent again, also when a kept connection was cut", async () => {
  let calls = 0;
  await using gate = await against((req, res) => {
    if (++calls === 1) res.end("ok");
    else req.socket.destroy();
  });
  await (await gate.request("/")).text(10);
  const error = await failureOf(gate.request("/", { body: "x", once: true }));
  assert.equal(error.phase, "network");
  assert.equal(calls, 2);
});

test("a stream goes out piece by piece; one that fails ends the request", async () => {
  let seen = 0;
  await using gate = await against(async (req, res) => {
    try {
      for await (const part of req) seen += part.length;
      res.end(String(seen));
    } catch {
      // The request was given up.
    }
  });
  async function* pieces(fails: boolean) {
    for (let n = 0; n < 40; n++) yield Buffer.alloc(50_000);
    if (fails) throw new Error("the disk is gone");
  }
  const response = await gate.request("/", { method: "POST", body: pieces(false) });
  assert.equal(await response.text(20), "2000000");
  const error = await failureOf(gate.request("/", { method: "POST", body: pieces(true) }));
  assert.match(error.message, /the disk is gone/);
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

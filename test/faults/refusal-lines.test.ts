import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { openGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { until } from "../kit/until.ts";
import { connectParams, connectWire, openWire } from "../kit/wire.ts";

const FORGED = '\r\n12:00:00 [gateway] ready\u001b[2J\u009b31m\u2028{"level":"error","message":"forged"}\n';

/** Bytes as they are: a client library would refuse to send these. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(text));
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.on("error", () => resolve(answer)).on("close", () => resolve(answer));
  });
}

test("[R34] [CONF-10] every refusal is one line with what, why and fix, whatever strangers put into their fields", async () => {
  await using gateway = await openGateway({
    config: { gateway: { http: { endpoints: { chatCompletions: { enabled: true } } } } },
  });
  const { port, token, running, console: shown } = gateway;
  const { sink } = running.services;

  // WebSocket: refused connects, with forged fields everywhere.
  const client = { id: "cli", mode: "cli", version: "1", platform: "linux" };
  for (const overrides of [
    { token: "wrong-token-of-a-stranger", client: { ...client, displayName: FORGED, platform: FORGED } },
    {
      token: "wrong-token-of-a-stranger",
      client: { id: FORGED, mode: FORGED, version: FORGED, platform: FORGED, displayName: FORGED },
    },
    {
      token,
      minProtocol: 9,
      maxProtocol: 9,
      client: { id: "cli", mode: "cli", version: FORGED, platform: "x" },
    },
    { token, role: FORGED },
  ]) {
    using stranger = await openWire(port, { "user-agent": "x \u009b31m" });
    await stranger.next(({ event }) => event === "connect.challenge");
    await stranger.request("connect", connectParams(overrides));
    await stranger.closed;
  }
  // A client without the rights, and one with a method of its own invention.
  using reader = await connectWire(port, { token, scopes: ["operator.read"] });
  assert.equal((await reader.request("gateway.restart.request", {})).error.code, "FORBIDDEN");
  await reader.request(FORGED, {});
  // HTTP.
  const refused = await Promise.all([
    call({
      port,
      path: "/metrics",
      token: "wrong-token-of-a-stranger",
      headers: { "user-agent": "\u009b31m" },
    }),
    call({ port, path: "/v1/models", headers: { host: "evil.example" } }),
    call({ port, path: "/healthz/../x%0d%0a%1b[2J", token }),
    call({ port, path: "/v1/models", token, headers: { "x-forwarded-for": "10.9.9.9" } }),
    call({
      port,
      path: "/v1/chat/completions",
      token,
      headers: { "content-length": "999999999" },
      body: "{",
    }),
    call({
      port,
      path: "/v1/chat/completions",
      token,
      headers: { origin: "https://evil.example" },
      body: {},
    }),
  ]);
  assert.deepEqual(
    refused.map(({ status }) => status),
    [401, 421, 404, 403, 413, 403],
  );
  await raw(port, `GET /metrics HTTP/1.1\r\nHost: localhost:${port}\r\nX: a\u001b[31m\r\n\r\n`);

  const lines = () => {
    sink.flush();
    return readFileSync(sink.file(), "utf8").trimEnd().split("\n");
  };
  const records = await until("the last refusal is logged", () => {
    const found = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
    const refusals = found.filter(
      ({ message }) => message === "connect refused" || message === "request refused",
    );
    return refusals.filter(({ subsystem }) => subsystem === "http").length >= 6
      ? { found, refusals }
      : undefined;
  });
  for (const record of records.refusals) {
    const { level, reason, fix } = record;
    assert.ok(typeof reason === "string" && reason !== "", JSON.stringify(record));
    // What is a mistake in the caller's program is at level debug, for whoever looks for it.
    if (level === "warn") assert.ok(typeof fix === "string" && fix !== "", JSON.stringify(record));
  }
  const warned = (field: string) =>
    records.refusals.filter((record) => record.level === "warn" && record[field] !== undefined);
  assert.deepEqual(
    warned("status")
      .map(({ status }) => status)
      .sort(),
    [400, 401, 403, 403, 413, 421],
  );
  assert.ok(warned("detail").some(({ detail }) => detail === "AUTH_TOKEN_MISMATCH"));
  assert.ok(warned("detail").some(({ detail }) => detail === "MISSING_SCOPE"));
  for (const text of [...lines(), ...shown])
    assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  assert.equal(records.found.filter(({ message }) => message === "forged").length, 0);
  assert.equal(shown.filter((line) => /^12:00:00 /.test(line)).length, 0);
  assert.equal(records.found.filter(({ message }) => message === "ready").length, 1);
});

test("what is too large, and who does not read, is remembered", async () => {
  await using gateway = await openGateway({
    config: { gateway: { http: { endpoints: { chatCompletions: { enabled: true } } } } },
  });
  const { port, token, running } = gateway;
  const { ring } = running.services.stability;
  await call({
    port,
    path: "/v1/chat/completions",
    token,
    headers: { "content-length": "999999999" },
    body: "{",
  });
  using large = await connectWire(port, { token });
  large.sendText(`{"type":"req","id":"1","method":"health","params":{"x":"${"y".repeat(26_300_000)}"}}`);
  assert.equal((await large.closed).code, 1009);
  const events = await until("both are in the ring", () => {
    const found = ring.read({ limit: 10, type: "payload.large" }).events;
    return found.length === 2 ? found : undefined;
  });
  assert.deepEqual(
    events.map(({ surface }) => surface),
    ["http", "ws"],
  );

  using deaf = await connectWire(port, { token });
  deaf.socket.pause();
  const [connection] = [...running.services.broadcast.connections()].slice(-1);
  const frame = JSON.stringify({ x: "y".repeat(1_000_000) });
  await until("it is closed", () => {
    connection!.send(frame);
    return connection!.isClosing();
  });
  connection!.send(frame);
  const slow = ring.read({ limit: 10, type: "client.slow" }).events;
  assert.equal(slow.length, 1);
  assert.ok(Number(slow[0]!.unreadBytes) > 50_000_000);
  assert.ok(gateway.console.some((line) => /client closed: it does not read what it is sent/.test(line)));
});

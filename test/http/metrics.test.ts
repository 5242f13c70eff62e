import assert from "node:assert/strict";
import { test } from "node:test";
import { openGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { type ReadFamily, readOpenMetrics } from "../kit/openmetrics.ts";
import { until } from "../kit/until.ts";
import { connectParams, connectWire, openWire } from "../kit/wire.ts";

const sampleOf = (family: ReadFamily | undefined, labels: Record<string, string> = {}) =>
  family?.samples.find((sample) =>
    Object.entries(labels).every(([name, value]) => sample.labels[name] === value),
  )?.value;

test("/metrics: strangers learn nothing, and what is told is OpenMetrics and true", async () => {
  await using gateway = await openGateway();
  const { port, token } = gateway;
  assert.equal((await call({ port, path: "/metrics" })).status, 401);
  assert.equal((await call({ port, path: `/metrics?token=${token}` })).status, 401);
  assert.equal((await call({ port, path: "/metrics", token: "SEC-wrong-token-0815" })).status, 401);
  assert.equal((await call({ port, path: "/metrics", method: "POST", token, body: {} })).status, 405);
  await call({ port, path: "/healthz" });
  await call({ port, path: "/no-such-path-of-a-stranger" });

  using client = await connectWire(port, { token });
  using wrong = await openWire(port);
  await wrong.next(({ event }) => event === "connect.challenge");
  await wrong.request("connect", connectParams({ token: "SEC-wrong-token-4711" }));
  await client.request("no.such.method");
  await client.request("chat.send", { sessionKey: "main", message: "hello", idempotencyKey: "m-1" });
  await client.next(({ event, payload }) => event === "chat" && payload.state === "final");

  const metrics = await until("the turn is counted", async () => {
    const { status, headers, text } = await call({ port, path: "/metrics", token });
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert.doesNotMatch(text, /SEC-|stranger/);
    const families = readOpenMetrics(text);
    return sampleOf(families.get("openclaw_turns"), { outcome: "answered" }) === 1 ? families : undefined;
  });
  const of = (name: string, labels?: Record<string, string>) => sampleOf(metrics.get(name), labels);
  assert.equal(of("openclaw_build", { node: process.version }), 1);
  assert.equal(of("openclaw_connections", { role: "operator" }), 1);
  assert.equal(of("openclaw_turns_open", { state: "running" }), 0);
  assert.equal(of("openclaw_turn_duration_seconds", { le: "+Inf" }), 1);
  assert.equal(of("openclaw_http_requests", { route: "/health", status: "2xx" }), 1);
  assert.equal(of("openclaw_http_requests", { route: "/metrics", status: "4xx" }), 4);
  assert.equal(of("openclaw_http_requests", { route: "none", status: "4xx" }), 1);
  assert.equal(of("openclaw_rpc_requests", { method: "unknown", outcome: "INVALID_REQUEST" }), 1);
  assert.equal(of("openclaw_rpc_requests", { method: "chat.send", outcome: "ok" }), 1);
  assert.equal(of("openclaw_auth_failures", { surface: "http", reason: "unauthorized" }), 3);
  assert.equal(of("openclaw_auth_failures", { surface: "ws", reason: "AUTH_TOKEN_MISMATCH" }), 1);
  assert.ok(of("openclaw_log_lines", { level: "warn" })! > 0);
  assert.ok(of("process_resident_memory_bytes")! > 20_000_000);
  assert.equal(of("openclaw_memory_level", { level: "normal" }), 1);
  assert.ok(of("openclaw_event_loop_delay_seconds", { quantile: "0.99" })! < 60);
});

test("the reader of the test is strict", () => {
  const good = "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n# EOF\n";
  assert.equal(readOpenMetrics(good).get("a_seconds")?.samples[0]?.value, 1);
  for (const bad of [
    good.slice(0, -1),
    good.replace("# UNIT a_seconds seconds", "# UNIT a_seconds bytes"),
    good.replace("a_seconds 1\n", "a_seconds 1\na_seconds 2\n"),
    good.replace("gauge", "counter"),
    good.replace("a_seconds 1", 'a_seconds{x="1",} 1'),
    good.replace("a_seconds 1", 'a_seconds{x="a"b"} 1'),
    good.replace("a_seconds 1", "b 1"),
  ])
    assert.throws(() => readOpenMetrics(bad), bad);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { startWatch } from "../../src/gateway/stability/watch.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { openScope } from "../../src/platform/scope.ts";
import { openGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { localConfig } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { connectWire } from "../kit/wire.ts";

test("[R37] a gateway over its real memory refuses turns, says so everywhere, and comes back when there is room", async () => {
  // No process of Node fits into 64 MB while it runs tests: the readings are those of this very process.
  const config = {
    diagnostics: { memory: { maxMb: 64, restart: false } },
    gateway: { http: { endpoints: { chatCompletions: { enabled: true } } } },
  };
  await using gateway = await openGateway({ config });
  const { port, token, running } = gateway;
  using client = await connectWire(port, { token });
  const send = (idempotencyKey: string) =>
    client.request("chat.send", { sessionKey: "main", message: "hello", idempotencyKey });
  assert.equal((await send("m-1")).ok, true);
  await client.next(({ event, payload }) => event === "chat" && payload.state === "final");

  await using scope = openScope("watch", { clock: systemClock, onError: assert.fail });
  startWatch(running.services, scope);
  const refused = await send("m-2");
  assert.equal(refused.error.code, "UNAVAILABLE");
  assert.equal(refused.error.details.code, "MEMORY_PRESSURE");
  assert.equal(refused.error.retryable, true);
  assert.equal(refused.error.retryAfterMs, 10_000);
  const http = await call({
    port,
    token,
    path: "/v1/chat/completions",
    body: { model: "openclaw", messages: [{ role: "user", content: "hello" }] },
  });
  assert.equal(http.status, 503);
  assert.match(http.json.error.message, /short of memory/);
  const ready = await call({ port, path: "/readyz" });
  assert.equal(ready.status, 503);
  assert.deepEqual(ready.json.failing, ["memory-pressure"]);
  assert.equal(ready.json.memory.level, "refusing");
  assert.equal((await call({ port, path: "/healthz" })).status, 200);
  const { payload: status } = await client.request("status", {});
  assert.equal(status.memory.level, "refusing");
  assert.match(status.memory.topConsumer, /MB/);
  const { payload: report } = await client.request("diagnostics.stability", { type: "memory.pressure" });
  assert.equal(report.events[0].level, "refusing");
  const { text: metrics } = await call({ port, path: "/metrics", token });
  assert.match(metrics, /^openclaw_memory_level\{level="refusing"\} 1$/m);
  assert.ok(
    gateway.console.some((line) => /\[memory\] memory pressure: \d+ MB of 64 MB; new turns/.test(line)),
  );

  gateway.state.write(localConfig(1, { ...config, diagnostics: { memory: { maxMb: 4_096 } } }));
  await until("there is room by the new config", () => running.services.stability.memory.level === "normal");
  assert.equal((await send("m-3")).ok, true);
  assert.equal((await call({ port, path: "/readyz" })).status, 200);
});

test("[R37] when it may, it restarts after its turns, by the same way as a person would ask for", async () => {
  const config = { diagnostics: { memory: { maxMb: 64, minUptimeMinutes: 0 } } };
  await using gateway = await openGateway({ config });
  await using scope = openScope("watch", { clock: systemClock, onError: assert.fail });
  startWatch(gateway.running.services, scope);
  assert.equal(await gateway.running.services.restart.requested, "restart");
  assert.equal(gateway.running.services.stability.memory.level, "restarting");
  assert.ok(gateway.console.some((line) => /restart requested why="memory: /.test(line)));
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bootsOf } from "../kit/background.ts";
import { call } from "../kit/http.ts";
import { openHeldModel } from "../kit/model.ts";
import { freePort, holdPort } from "../kit/port.ts";
import { type GatewayProcess, spawnGateway, spawnOpenclaw } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { connectWire } from "../kit/wire.ts";

const ADMIN = { token: TOKEN, scopes: ["operator.admin"] };

/** Resolves when the n-th start of this gateway is ready. */
async function readyAgain(gateway: GatewayProcess, count: number): Promise<void> {
  await until(
    `start ${count} is ready`,
    () => (gateway.stdout().match(/\[gateway\] ready/g) ?? []).length >= count,
  );
}

function logOf(state: StateFolder): string {
  const dir = join(state.dir, "logs");
  return readdirSync(dir)
    .map((file) => readFileSync(join(dir, file), "utf8"))
    .join("");
}

test("[shutdown-event] SIGUSR2: clients are told that it comes back, and it does, in the same process", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN });
  gateway.child.kill("SIGUSR2");
  const { payload } = await client.next((frame) => frame.event === "shutdown");
  assert.deepEqual(payload, { reason: "gateway restarting", restartExpectedMs: 1500 });
  assert.deepEqual(await client.closed, { code: 1012, reason: "service restart" });
  await readyAgain(gateway, 2);
  using again = await connectWire(gateway.port, { token: TOKEN });
  assert.notEqual(again.hello.server.bootId, client.hello.server.bootId);
  const status = await again.request("status");
  assert.equal(status.payload.pid, gateway.child.pid);
  assert.deepEqual(
    bootsOf(state).map(({ pid, end }) => [pid, end?.kind]),
    [
      [gateway.child.pid, "restarting"],
      [gateway.child.pid, undefined],
    ],
  );
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
  assert.equal(bootsOf(state).at(-1)!.end?.kind, "stopped");
});

test("gateway.restart.request answers, then restarts with the config as it is then", async () => {
  const [first, second] = [await freePort(), await freePort()];
  using state = makeState(localConfig(first, { gateway: { reload: { mode: "off" } } }));
  await using gateway = await spawnGateway(state);
  using client = await connectWire(first, ADMIN);
  const before = await client.request("gateway.restart.preflight");
  assert.equal(before.payload.safe, true);
  state.write(localConfig(second));
  const answer = await client.request("gateway.restart.request", { reason: "new port" });
  assert.equal(answer.payload.ok, true);
  assert.equal(answer.payload.status, "scheduled");
  assert.equal(answer.payload.restart.pid, gateway.child.pid);
  const order = client.frames.map(({ id, event }) => event ?? id);
  assert.ok(!order.includes("shutdown"), "the answer comes first");
  assert.equal((await client.closed).code, 1012);
  await readyAgain(gateway, 2);
  assert.equal((await call({ port: second, path: "/readyz" })).status, 200);
  await assert.rejects(call({ port: first, path: "/readyz" }), /ECONNREFUSED/);
});

for (const { name, config, text } of [
  { name: "broken", config: "{ nonsense", text: /Invalid config at/ },
  { name: "without a mode", config: {}, text: /gateway start blocked/ },
]) {
  test(`a restart with a config that is ${name} is refused, and the gateway goes on`, async () => {
    using state = makeState(localConfig(await freePort()));
    await using gateway = await spawnGateway(state);
    using client = await connectWire(gateway.port, ADMIN);
    state.write(config);
    const { ok, error } = await client.request("gateway.restart.request");
    assert.equal(ok, false);
    assert.match(error.message, text);
    assert.equal(error.details.code, "RESTART_REFUSED");
    assert.equal(error.details.refusal.exitCode, 78);
    gateway.child.kill("SIGUSR2");
    await until("the signal is answered", () => (logOf(state).match(/restart refused/g) ?? []).length >= 2);
    assert.match(bootsOf(state).at(-1)!.refusal!.what, text);
    assert.equal((await client.request("health")).ok, true);
    assert.equal(bootsOf(state).length, 1);
  });
}

test("a restart to a port that is taken is refused before anything is stopped", async () => {
  await using holder = await holdPort();
  using state = makeState(localConfig(await freePort(), { gateway: { reload: { mode: "off" } } }));
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, ADMIN);
  state.write(localConfig(holder.port));
  const { error } = await client.request("gateway.restart.request");
  assert.match(error.message, new RegExp(`port ${holder.port} is already in use`));
  assert.equal((await client.request("health")).ok, true);
});

test("a restart needs the right to it, and is limited like every control-plane write", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  using reader = await connectWire(gateway.port, { token: TOKEN, scopes: ["operator.write"] });
  assert.equal((await reader.request("gateway.restart.preflight")).ok, true);
  const { error } = await reader.request("gateway.restart.request");
  assert.equal(error.message, "missing scope: operator.admin");
  state.write("{ nonsense");
  using admin = await connectWire(gateway.port, ADMIN);
  const answers = await Promise.all(
    Array.from({ length: 31 }, () => admin.request("gateway.restart.request")),
  );
  assert.match(answers.at(-1)!.error.message, /rate limit exceeded for gateway\.restart\.request/);
});

test("a turn in flight is put back and answered after the restart, once", async () => {
  await using model = await openHeldModel();
  using state = makeState(localConfig(await freePort(), model.config));
  await using gateway = await spawnGateway(state);
  {
    using client = await connectWire(gateway.port, { token: TOKEN });
    await client.request("chat.send", { sessionKey: "main", message: "question", idempotencyKey: "run-1" });
    await model.calls(1);
    const { payload } = await client.request("gateway.restart.preflight");
    assert.deepEqual([payload.safe, payload.counts.embeddedRuns], [false, 1]);
    gateway.child.kill("SIGUSR2");
    await client.closed;
    model.answerAtOnce();
  }
  await readyAgain(gateway, 2);
  using client = await connectWire(gateway.port, { token: TOKEN });
  const waited = await client.request("agent.wait", { runId: "run-1", timeoutMs: 10_000 });
  assert.equal(waited.payload.status, "ok");
  const { payload } = await client.request("chat.history", { sessionKey: "main" });
  assert.deepEqual(
    payload.messages.map(({ role }: { role: string }) => role),
    ["user", "assistant"],
  );
});

test("signals that come together are one restart; SIGUSR1 opens no debugger", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGUSR2", "SIGUSR2"] as const) gateway.child.kill(signal);
  await readyAgain(gateway, 2);
  gateway.child.kill("SIGTERM");
  const { code, stderr } = await gateway.ended;
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(bootsOf(state).length, 2);
});

test("a second SIGTERM ends a stop at once, and that is no kill", async () => {
  await using model = await openHeldModel();
  using state = makeState(localConfig(await freePort(), model.config));
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN });
  await client.request("chat.send", { sessionKey: "main", message: "question", idempotencyKey: "run-1" });
  await model.calls(1);
  gateway.child.kill("SIGTERM");
  await client.next((frame) => frame.event === "shutdown");
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 1);
  assert.match(bootsOf(state).at(-1)!.end!.cause!, /second signal/);
});

test("a gateway that hangs in its start can still be stopped by one signal", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = spawnOpenclaw(["gateway", "run"], state, {
    OPENCLAW_FAULT_PLAN: "start.afterListen=hang",
    OPENCLAW_STARTUP_TIMEOUT_MS: "200",
  });
  await gateway.printed(
    /gateway startup timeout — did not become ready within 0\.2s: it is "listening" and hangs before "ready"/,
  );
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
  assert.deepEqual(
    [bootsOf(state)[0]!.end!.kind, bootsOf(state)[0]!.end!.cause],
    ["stopped", "while it was starting"],
  );
});

test("a SIGTERM while it restarts has the last word", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN });
  gateway.child.kill("SIGUSR2");
  await client.next((frame) => frame.event === "shutdown");
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { newestVersion } from "../../src/config/history.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { openHeldModel } from "../kit/model.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { edit, FAST, followedConfig, linesWith, reloadStatus, type Settings } from "../kit/reload.ts";
import { makeState, type StateFolder, TOKEN } from "../kit/state.ts";
import { connectWire, openWire } from "../kit/wire.ts";

/** With the port of the config, as the owner has it; port 0 comes as a flag and would win. */
async function openOnPort(port: number, settings: Settings = {}) {
  const state = makeState(followedConfig(settings, port));
  const gateway = await openGateway({ state, flags: { port: undefined } });
  return {
    ...gateway,
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      state[Symbol.dispose]();
    },
  };
}

test("a new port: clients are told and closed with 1012 after the running turn, the same process answers there", async () => {
  await using model = await openHeldModel();
  const [port, next] = [await freePort(), await freePort()];
  await using gateway = await openOnPort(port, model.config);
  using client = await connectWire(port, { token: TOKEN });
  await client.request("chat.send", { sessionKey: "main", message: "go on", idempotencyKey: "run-1" });
  await model.calls(1);

  await edit(gateway, model.config, next);
  const { payload } = await client.next((frame) => frame.event === "shutdown");
  assert.deepEqual(payload, { reason: "gateway restarting", restartExpectedMs: 1_500 });
  assert.ok((await client.request("health")).ok, "the turn runs, so the socket is still open");
  model.release();
  assert.deepEqual(await client.closed, { code: 1012, reason: "service restart" });

  using again = await connectWire(next, { token: TOKEN });
  assert.equal(again.hello.server.bootId, client.hello.server.bootId);
  assert.equal(
    (await again.request("agent.wait", { runId: "run-1", timeoutMs: 5_000 })).payload.status,
    "ok",
  );
  await assert.rejects(openWire(port));
  assert.equal(reloadStatus(gateway).state, "current");
});

const setPort = (state: StateFolder, port: number, ...flags: string[]) =>
  runHere(["config", "set", "gateway.port", String(port), ...flags], state);

for (const flags of [[], ["--now"]]) {
  const waits = flags.length === 0;
  test(`config set gateway.port${waits ? "" : " --now"}: the sockets of the former port ${waits ? "wait for the running turn" : "close at once, the turn goes on without them"}`, async () => {
    await using model = await openHeldModel();
    const [port, next] = [await freePort(), await freePort()];
    await using gateway = await openOnPort(port, model.config);
    using client = await connectWire(port, { token: TOKEN });
    await client.request("chat.send", { sessionKey: "main", message: "go on", idempotencyKey: "run-1" });
    const stream = openStream(port);
    await model.calls(2);

    assert.equal((await setPort(gateway.state, next, ...flags)).code, 0);
    await client.next((frame) => frame.event === "shutdown");
    if (waits) {
      assert.ok((await client.request("health")).ok, "the turn runs, so the socket is still open");
      assert.equal(stream.ended(), false);
    } else {
      assert.deepEqual(await client.closed, { code: 1012, reason: "service restart" });
      await stream.end;
    }
    assert.equal(model.bodies.length, 2);
    model.release();
    model.release();
    assert.deepEqual(await client.closed, { code: 1012, reason: "service restart" });
    await stream.end;
    using again = await connectWire(next, { token: TOKEN });
    const waited = await again.request("agent.wait", { runId: "run-1", timeoutMs: 5_000 });
    assert.equal(waited.payload.status, "ok");
    assert.equal(newestVersion(resolvePaths(readEnv(gateway.state.env)))?.now, waits ? undefined : true);
  });
}

/** A streamed answer over HTTP that comes as slowly as the model. */
function openStream(port: number) {
  const body = JSON.stringify({ stream: true, messages: [{ role: "user", content: "go on" }] });
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  let ended = false;
  const end = new Promise<void>((resolve) => {
    const finish = () => {
      ended = true;
      resolve();
    };
    request({ host: "127.0.0.1", port, path: "/v1/chat/completions", method: "POST", headers }, (response) =>
      response.resume().once("close", finish),
    )
      .once("error", finish)
      .end(body);
  });
  return { end, ended: () => ended };
}

test("a port that is taken: the former one goes on, connected clients notice nothing", async () => {
  const [port, taken] = [await freePort(), await freePort()];
  const other = createServer().listen(taken, "127.0.0.1");
  await using gateway = await openOnPort(port);
  using client = await connectWire(port, { token: TOKEN });
  await edit(gateway, { gateway: { trustedProxies: ["127.0.0.1"] } }, taken);
  assert.equal(reloadStatus(gateway).state, "restart-needed");
  assert.deepEqual(reloadStatus(gateway).restartNeeded, ["gateway.port"]);
  assert.match(reloadStatus(gateway).kept![0]!, new RegExp(`^listener: .*port ${taken} is already in use`));
  assert.ok((await client.request("health")).ok);
  assert.ok(!client.frames.some((frame) => frame.event === "shutdown"));
  using fresh = await connectWire(port, { token: TOKEN });
  assert.ok((await fresh.request("health")).ok);
  other.close();
  await edit(gateway, {}, taken);
  using moved = await connectWire(taken, { token: TOKEN });
  assert.ok((await moved.request("health")).ok);
});

test("another bind on the same port, and back", async () => {
  const port = await freePort();
  await using gateway = await openOnPort(port);
  await edit(gateway, { gateway: { bind: "lan" } }, port);
  assert.equal(gateway.running.services.perimeter.loopbackOnly, false);
  assert.equal((await call({ port, path: "/healthz" })).status, 200);
  await edit(gateway, { gateway: { bind: "loopback", auth: { mode: "none" } } }, port);
  assert.equal(gateway.running.services.perimeter.loopbackOnly, true);
  assert.equal(gateway.running.services.auth.mode, "none");
  assert.equal(reloadStatus(gateway).state, "current");
  assert.equal((await call({ port, path: "/healthz" })).status, 200);
});

test("[H10] mode hot never restarts and says what waits for one", async () => {
  const [port, next] = [await freePort(), await freePort()];
  const hot = { reload: { ...FAST.reload, mode: "hot" } };
  await using gateway = await openOnPort(port, { gateway: hot });
  using client = await connectWire(port, { token: TOKEN });
  await edit(gateway, { gateway: { ...hot, trustedProxies: ["127.0.0.1"] } }, next);
  assert.equal(linesWith(gateway, "restart needed: gateway.port").length, 1);
  assert.deepEqual(reloadStatus(gateway).restartNeeded, ["gateway.port"]);
  assert.deepEqual(gateway.running.services.perimeter.trustedProxies, ["127.0.0.1"]);
  assert.ok((await client.request("health")).ok);
  await edit(gateway, { gateway: hot }, port);
  assert.equal(reloadStatus(gateway).state, "current");
});

test("[H10] mode restart opens the port anew for every change that counts", async () => {
  const port = await freePort();
  const restart = { reload: { ...FAST.reload, mode: "restart" } };
  await using gateway = await openOnPort(port, { gateway: restart });
  using client = await connectWire(port, { token: TOKEN });
  await edit(gateway, { gateway: restart, logging: { level: "warn" } }, port);
  assert.deepEqual(await client.closed, { code: 1012, reason: "service restart" });
  using again = await connectWire(port, { token: TOKEN });
  assert.ok((await again.request("health")).ok);
});

test("[H10] mode off looks at nothing", async () => {
  using state = makeState(followedConfig({ gateway: { reload: { mode: "off" } } }));
  await using gateway = await openGateway({ state });
  state.write("{");
  await sleep(400);
  assert.equal(reloadStatus(gateway).state, "off");
  assert.deepEqual(linesWith(gateway, "reload"), []);
});

test("the real process stays the same one over a change of port and bind", async () => {
  const [port, next] = [await freePort(), await freePort()];
  using state = makeState(followedConfig({}, port));
  await using gateway = await spawnGateway(state);
  state.write(followedConfig({}, next));
  await gateway.printed(new RegExp(`listening on :${next}`));
  assert.equal((await call({ port: next, path: "/healthz" })).status, 200);
  state.write(followedConfig({ gateway: { bind: "lan" } }, next));
  await gateway.printed(/config reloaded: gateway\.bind/);
  using client = await connectWire(next, { token: TOKEN });
  assert.equal((await client.request("status", {})).payload.pid, gateway.child.pid);
  assert.equal(JSON.parse(readFileSync(`${state.dir}/gateway.pid`, "utf8").split("\n")[1]!).port, next);
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
});

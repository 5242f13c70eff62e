import assert from "node:assert/strict";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { configVersions } from "../../src/config/history.ts";
import { connectDevice, makeDevice } from "../kit/device.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { runs } from "../kit/long.ts";
import { openHeldModel } from "../kit/model.ts";
import { edit, followedConfig, linesWith, modelInForce, reloadStatus, type Settings } from "../kit/reload.ts";
import { makeState, TOKEN } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { connectParams, connectWire, openWire } from "../kit/wire.ts";

const GARBAGE_EDITS = runs(200, 1_000);
const NEW_TOKEN = "SEC-another-3f9a1c77d3";

const HOT: { name: string; settings: Settings; shows(gateway: TestGateway): Promise<void> }[] = [
  {
    name: "the default model",
    settings: { agents: { defaults: { model: "demo/other" } } },
    async shows({ port }) {
      using client = await connectWire(port, { token: TOKEN });
      const { payload } = await client.request("models.list", {});
      assert.deepEqual(
        [payload.models[0].provider, payload.models[0].id, payload.models[0].tags[0]],
        ["demo", "other", "default"],
      );
    },
  },
  {
    name: "the agents",
    settings: { agents: { list: [{ id: "first" }, { id: "second", name: "Second" }] } },
    async shows({ port }) {
      using client = await connectWire(port, { token: TOKEN });
      assert.equal(client.hello.snapshot.sessionDefaults?.defaultAgentId, "first");
      const { payload } = await client.request("agents.list", {});
      assert.deepEqual(
        payload.agents.map(({ id }: { id: string }) => id),
        ["first", "second"],
      );
      const answer = await client.request("chat.send", {
        sessionKey: "agent:second:main",
        message: "hello",
        idempotencyKey: "run-second",
      });
      assert.equal(answer.payload.status, "started");
    },
  },
  {
    name: "gateway.trustedProxies",
    settings: { gateway: { trustedProxies: ["127.0.0.1"] } },
    async shows({ port }) {
      const headers = { "x-forwarded-for": "203.0.113.5" };
      assert.equal((await call({ port, path: "/startup", headers })).status, 200);
    },
  },
  {
    name: "gateway.controlUi.allowedOrigins",
    settings: { gateway: { controlUi: { allowedOrigins: ["https://here.example"] } } },
    async shows({ port }) {
      using client = await openWire(port, { origin: "https://here.example" });
      await client.next((frame) => frame.event === "connect.challenge");
      const answer = await client.request("connect", connectParams({ token: TOKEN }));
      assert.equal(answer.ok, true, JSON.stringify(answer.error));
    },
  },
  {
    name: "logging.level",
    settings: { logging: { level: "error" } },
    async shows(gateway) {
      const before = gateway.console.length;
      using _client = await connectWire(gateway.port, { token: TOKEN });
      gateway.running.services.sink.log.info("quiet now");
      assert.deepEqual(gateway.console.slice(before), []);
    },
  },
  {
    name: "the switch of the OpenAI endpoints",
    settings: { gateway: { http: { endpoints: { chatCompletions: { enabled: false } } } } },
    async shows({ port }) {
      assert.equal((await call({ port, path: "/v1/models", token: TOKEN })).status, 404);
    },
  },
];

for (const { name, settings, shows } of HOT) {
  test(`hot: ${name} changes while a client stays connected and a turn runs`, async () => {
    await using model = await openHeldModel();
    const held = { ...(model.config.models as object) };
    const start = {
      models: held,
      agents: { list: [{ id: "main", model: "held/m" }], defaults: { model: "demo/echo" } },
    };
    using state = makeState(followedConfig(start));
    await using gateway = await openGateway({ state, flags: { verbose: false } });
    using client = await connectWire(gateway.port, { token: TOKEN });
    await client.request("chat.send", { sessionKey: "main", message: "go on", idempotencyKey: "run-1" });
    await model.calls(1);

    await edit(gateway, { models: held, ...settings });
    await shows(gateway);
    model.release();
    const waited = await client.request("agent.wait", { runId: "run-1", timeoutMs: 10_000 });
    assert.equal(waited.payload.status, "ok");
    assert.equal(client.socket.readyState, client.socket.OPEN);
    assert.equal(reloadStatus(gateway).state, "current");
  });
}

test("[AUTH-28] a new token ends what the old one proved, and leaves a paired device and the owner's door alone", async () => {
  using state = makeState(followedConfig());
  await using gateway = await openGateway({ state });
  const device = makeDevice();
  using paired = await connectDevice(gateway.port, device, { token: TOKEN, scopes: ["operator.read"] });
  const auth = { deviceToken: paired.answer.payload.auth.deviceToken };
  using byDevice = await connectDevice(gateway.port, device, { auth, scopes: ["operator.read"] });
  assert.equal(byDevice.answer.payload.auth.method, "device-token");
  await edit(gateway, { gateway: { auth: { mode: "token", token: NEW_TOKEN } } });
  assert.deepEqual(await paired.closed, { code: 4001, reason: "gateway auth changed" });
  assert.equal((await byDevice.request("health")).ok, true);
});

test("[AUTH-28] a new token: the old one fails at once, its sockets are closed with 4001 and no longer heard", async () => {
  using state = makeState(followedConfig());
  await using gateway = await openGateway({ state });
  const { port } = gateway;
  using client = await connectWire(port, { token: TOKEN });
  // A client that never answers the close frame and goes on talking.
  using deaf = await connectWire(port, { token: TOKEN });
  deaf.socket.pause();
  const slow = openSlowPost(port, TOKEN);
  await sleep(20);

  await edit(gateway, { gateway: { auth: { mode: "token", token: NEW_TOKEN } } });
  assert.deepEqual(await client.closed, { code: 4001, reason: "gateway auth changed" });
  deaf.send({
    type: "req",
    id: "late",
    method: "chat.send",
    params: { sessionKey: "main", message: "x", idempotencyKey: "late" },
  });

  assert.equal((await call({ port, path: "/v1/models", token: TOKEN })).status, 401);
  assert.equal((await call({ port, path: "/v1/models", token: NEW_TOKEN })).status, 200);
  using old = await openWire(port);
  await old.next((frame) => frame.event === "connect.challenge");
  const refused = await old.request("connect", connectParams({ token: TOKEN }));
  assert.equal(refused.error.details.code, "AUTH_TOKEN_MISMATCH");
  using young = await connectWire(port, { token: NEW_TOKEN });
  assert.ok((await young.request("health")).ok);
  // Begun under the old secret, finished after it was void.
  assert.equal(await slow.finish(), 401);
  deaf.socket.resume();
  await deaf.closed;
  assert.equal(gateway.running.services.turns.journal.find("late"), undefined);
  assert.ok(!gateway.console.join("\n").includes(NEW_TOKEN));
});

test("an origin that is taken off the list loses its open page with 4001, others stay", async () => {
  const origin = "https://here.example";
  using state = makeState(followedConfig({ gateway: { controlUi: { allowedOrigins: [origin] } } }));
  await using gateway = await openGateway({ state });
  using page = await openWire(gateway.port, { origin });
  await page.next((frame) => frame.event === "connect.challenge");
  assert.ok((await page.request("connect", connectParams({ token: TOKEN }))).ok);
  using client = await connectWire(gateway.port, { token: TOKEN });
  await edit(gateway, { logging: { level: "info" }, gateway: { controlUi: { allowedOrigins: [origin] } } });
  assert.ok((await page.request("health")).ok);
  await edit(gateway, {});
  assert.deepEqual(await page.closed, { code: 4001, reason: "gateway policy changed" });
  assert.ok((await client.request("health")).ok);
});

test("[config-reload-skipped] [H4] a broken edit is reported once per problem, and the last good config goes on", async () => {
  using state = makeState(followedConfig());
  await using gateway = await openGateway({ state });
  using client = await connectWire(gateway.port, { token: TOKEN });
  const good = readFileSync(state.configPath, "utf8");

  state.write('{ "gateway": { "port": "abc" } }');
  await until("the edit is refused", () => reloadStatus(gateway).state === "invalid");
  state.write('{ "gateway": { "port": "abc" } }');
  await sleep(60);
  const skipped = linesWith(gateway, "config reload skipped (invalid config): gateway.port:");
  assert.equal(skipped.length, 1, skipped.join("\n"));

  const { payload: told } = await client.request("status", {});
  assert.equal(told.configReload.state, "invalid");
  assert.match(told.configReload.issues[0], /^gateway\.port: /);
  const { payload: health } = await client.request("health", { probe: true });
  assert.deepEqual(health.configReload, { hotReloadStatus: "disabled" });
  const ready = await call({ port: gateway.port, path: "/readyz" });
  assert.equal(ready.status, 200);
  assert.deepEqual(ready.json.configReload, { mode: "hybrid", state: "invalid" });
  const { payload: shown } = await client.request("config.get", {});
  assert.equal(shown.valid, false);
  assert.equal(shown.raw, null);
  assert.notEqual(shown.hash, shown.appliedConfigHash);
  assert.equal(shown.config.gateway.mode, "local");

  state.write(good);
  await until("the good file is seen", () => reloadStatus(gateway).state === "current");
  assert.deepEqual((await client.request("health", { probe: true })).payload.configReload, {
    hotReloadStatus: "active",
  });
});

const UNUSABLE: { name: string; write(gateway: TestGateway): void; line: RegExp }[] = [
  {
    name: "text that is no JSON",
    write: ({ state }) => state.write('{"gateway":{'),
    line: /skipped \(invalid config\): <root>: SyntaxError/,
  },
  {
    name: "a config without gateway.mode",
    write: ({ state }) => state.write("{}"),
    line: /skipped \(invalid config\): gateway start blocked: set gateway\.mode=local/,
  },
  {
    name: "no secret on a port that everybody reaches",
    write: ({ state }) => state.write(followedConfig({ gateway: { bind: "lan", auth: { mode: "none" } } })),
    line: /skipped \(invalid config\): refusing to bind gateway to lan without auth/,
  },
  {
    name: "the file taken away",
    write: ({ state }) => rmSync(state.configPath),
    line: /skipped \(invalid config\): .+openclaw\.json is gone/,
  },
];

for (const { name, write, line } of UNUSABLE) {
  test(`[config-reload-skipped] what a start would refuse is not taken by a reload: ${name}`, async () => {
    using state = makeState(followedConfig());
    await using gateway = await openGateway({ state });
    write(gateway);
    await until("the edit is refused", () => reloadStatus(gateway).state === "invalid");
    assert.match(gateway.console.join("\n"), line);
    using client = await connectWire(gateway.port, { token: TOKEN });
    assert.ok((await client.request("health")).ok);
  });
}

test(`[CONF-04] ${GARBAGE_EDITS} garbage edits while four clients talk: no request fails, the last good edit is live`, async () => {
  using state = makeState(followedConfig());
  await using gateway = await openGateway({ state });
  const { port } = gateway;
  let editing = true;
  let answered = 0;

  const talk = async (name: number) => {
    using client = await connectWire(port, { token: TOKEN });
    for (let count = 0; editing || count < 5; count++) {
      const runId = `c${name}-${count}`;
      const sent = await client.request("chat.send", {
        sessionKey: `s${name}`,
        message: "say 2 words",
        idempotencyKey: runId,
      });
      assert.ok(sent.ok, JSON.stringify(sent.error));
      const { payload } = await client.request("agent.wait", { runId, timeoutMs: 10_000 });
      assert.equal(payload.status, "ok");
      assert.equal((await call({ port, path: "/v1/models", token: TOKEN })).status, 200);
      answered++;
    }
    assert.equal(client.socket.readyState, client.socket.OPEN);
  };
  const clients = Promise.all([0, 1, 2, 3].map(talk));
  const garbage = [
    "{",
    "",
    "nonsense",
    '{"gateway":{"port":',
    '{"bogus":1}',
    '{"gateway":{"mode":7}}',
    "[1]",
    "\u0000\u0001",
  ];
  for (let count = 0; count < GARBAGE_EDITS; count++) {
    writeFileSync(state.configPath, garbage[count % garbage.length]!);
    await sleep(count % 10 === 0 ? 30 : 3);
  }
  await edit(gateway, { agents: { defaults: { model: "demo/last" } } });
  editing = false;
  await clients;
  assert.ok(answered >= 20);
  assert.ok(linesWith(gateway, "config reload skipped").length <= garbage.length);
  assert.equal(await modelInForce(gateway), "last");
  assert.equal(reloadStatus(gateway).state, "current");
});

test("a part that cannot be swapped keeps its former settings and says so; the others change", async () => {
  using state = makeState(followedConfig());
  await using gateway = await openGateway({ state });
  await edit(gateway, {
    agents: { defaults: { model: "nobody/m" } },
    gateway: { trustedProxies: ["127.0.0.1"] },
  });
  assert.equal(reloadStatus(gateway).state, "partial");
  assert.match(reloadStatus(gateway).kept![0]!, /^models: unknown model provider "nobody"/);
  assert.equal(await modelInForce(gateway), "echo");
  assert.deepEqual(gateway.running.services.perimeter.trustedProxies, ["127.0.0.1"]);
  // Only what runs as a whole is the last good one.
  assert.ok(!readFileSync(`${state.configPath}.last-good`, "utf8").includes("nobody/m"));
  await edit(gateway, { agents: { defaults: { model: "demo/fine" } } });
  assert.equal(reloadStatus(gateway).state, "current");
  await until("it is kept", () =>
    readFileSync(`${state.configPath}.last-good`, "utf8").includes("demo/fine"),
  );
});

test("edits of an included file are noticed, in place and by rename", async () => {
  using state = makeState(followedConfig());
  const part = `${state.dir}/agents.json5`;
  writeFileSync(part, "{ defaults: { model: 'demo/one' } }");
  const main = { ...followedConfig(), agents: { $include: "./agents.json5" } };
  state.write(main);
  await using gateway = await openGateway({ state });
  const inForce = async (model: string) => (await modelInForce(gateway)) === model;
  assert.ok(await inForce("one"));
  // The watch begins behind the boot.
  await until("the watch is there", () => linesWith(gateway, "ready").length > 0);
  writeFileSync(part, "{ defaults: { model: 'demo/two' } }");
  await until("the include is in force", () => inForce("two"));
  writeFileSync(`${part}.draft`, "{ defaults: { model: 'demo/three' } }");
  renameSync(`${part}.draft`, part);
  await until("what was renamed over it is in force", () => inForce("three"));
});

test("an edit of an included file by hand is told to clients and becomes a version, if only a comment", async () => {
  using state = makeState(followedConfig());
  const part = `${state.dir}/agents.json5`;
  writeFileSync(part, "{ defaults: { model: 'demo/one' } }");
  state.write({ ...followedConfig(), agents: { $include: "./agents.json5" } });
  await using gateway = await openGateway({ state });
  using client = await connectWire(gateway.port, { token: TOKEN });
  const { paths } = gateway.running.services;
  await until("the start is a version", () => configVersions(paths).length === 1);
  writeFileSync(part, "{ defaults: { model: 'demo/two' } }");
  await client.next((frame) => frame.event === "config.changed");
  await until("the edit is a version", () => configVersions(paths).length === 2);
  writeFileSync(part, "{ defaults: { model: 'demo/two' } } // mine");
  await until("the comment is a version", () => configVersions(paths).length === 3);
  assert.equal(configVersions(paths)[0]!.files![0]!.text, "{ defaults: { model: 'demo/two' } } // mine");
  assert.equal(client.frames.filter((frame) => frame.event === "config.changed").length, 1);
});

/** An authenticated request whose body takes its time. */
function openSlowPost(port: number, token: string) {
  const body = JSON.stringify({ model: "openclaw", messages: [{ role: "user", content: "hello" }] });
  const post = request({
    host: "127.0.0.1",
    port,
    path: "/v1/chat/completions",
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": body.length,
    },
  });
  const status = new Promise<number>((resolve, reject) => {
    post.once("response", (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    post.once("error", reject);
  });
  post.write(body.slice(0, 10));
  return {
    finish() {
      post.end(body.slice(10));
      return status;
    },
  };
}

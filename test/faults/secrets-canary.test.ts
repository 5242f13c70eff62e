import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { filesAsHaystacks, type Haystack, openCanaries } from "../kit/canaries.ts";
import { connectDevice, makeDevice } from "../kit/device.ts";
import { call } from "../kit/http.ts";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway } from "../kit/process.ts";
import { makeState } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { unzip } from "../kit/unzip.ts";
import { connectParams, connectWire, openWire } from "../kit/wire.ts";

/** The config itself and the copies of it that are kept to undo a change. */
const CONFIG = [/^file openclaw\.json/, /^file data\/config-history\//];
/** What people write is kept where conversations are kept, and shown to who may read them. */
const TRANSCRIPT = [/^file data\/(sessions\.sqlite|snapshots\/)/, /^wire sessions\.list$/];
const OWN_DEVICE = [/^file data\/own-device\.json$/];

/** A model service that repeats the key it was given, as some do. */
async function openEcho() {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    asked++;
    response.writeHead(401, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ error: { message: `Incorrect API key: ${request.headers.authorization}` } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    asked: () => asked,
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("[R34] [CONF-09] [CONF-17] [AUTH-24] [SCOPE-15] no secret leaves its place, whatever fails and whoever asks", async () => {
  const canaries = openCanaries();
  const { plant } = canaries;
  await using echo = await openEcho();
  const token = plant("token", CONFIG);
  const config = {
    gateway: {
      mode: "local",
      bind: "loopback",
      port: await freePort(),
      auth: { mode: "token", token },
      remote: {
        url: "wss://elsewhere.example",
        token: plant("remote-token", CONFIG),
        password: plant("remote-password", CONFIG),
      },
      http: { endpoints: { chatCompletions: { enabled: true } } },
    },
    env: { vars: { ACME_API_KEY: plant("env-vars", CONFIG) } },
    models: {
      providers: {
        acme: {
          baseUrl: `http://me:${plant("url-password", CONFIG)}@127.0.0.1:${echo.port}/v1`,
          api: "openai-completions",
          apiKey: plant("provider-key", CONFIG),
          headers: { "x-acme-auth": plant("provider-header", CONFIG) },
          models: [{ id: "m" }],
        },
      },
    },
    agents: { defaults: { model: "acme/m" } },
    channels: { telegram: { botToken: plant("bot-token", CONFIG) } },
    hooks: { token: plant("hooks-token", CONFIG) },
    cron: { webhookToken: plant("cron-token", CONFIG) },
  };
  using state = makeState(config);
  const env = { OPENAI_API_KEY: plant("env-key"), TELEGRAM_BOT_TOKEN: plant("env-bot") };
  const found: Haystack[] = [];
  const keep = (where: string, text: unknown) =>
    void found.push({ where, bytes: Buffer.from(typeof text === "string" ? text : JSON.stringify(text)) });

  {
    await using gateway = await spawnGateway(state, ["--verbose"], env);
    const { port } = gateway;

    // Over HTTP: secrets where they do not belong, and what is refused.
    const answers = await Promise.all([
      call({ port, path: "/v1/models", token: plant("wrong-bearer") }),
      call({ port, path: `/v1/models?token=${plant("query")}` }),
      call({ port, path: "/metrics", headers: { authorization: `Basic ${btoa(`me:${plant("basic")}`)}` } }),
      call({
        port,
        path: "/metrics",
        headers: { cookie: `s=${plant("cookie")}`, "x-api-key": plant("x-api-key") },
      }),
      call({ port, path: "/v1/chat/completions", token, body: `{"token":"${plant("broken-body")}" oops` }),
      call({
        port,
        path: "/v1/chat/completions",
        token,
        body: { model: plant("body-model"), messages: 1, api_key: plant("body-key") },
      }),
      call({
        port,
        path: "/v1/chat/completions",
        token,
        body: { model: "openclaw", messages: [{ role: "user", content: plant("chat-http", TRANSCRIPT) }] },
      }),
      call({ port, path: "/metrics", token }),
      call({ port, path: "/readyz", token }),
    ]);
    for (const { text, headers } of answers.slice(-2)) keep("wire http", text + JSON.stringify(headers));

    // Strangers on the WebSocket.
    for (const auth of [
      { token: plant("ws-token") },
      { password: plant("ws-password") },
      { deviceToken: plant("ws-device-token") },
      { bootstrapToken: plant("ws-bootstrap") },
    ]) {
      using stranger = await openWire(port, { cookie: `s=${plant("ws-cookie")}` });
      await stranger.next(({ event }) => event === "connect.challenge");
      keep("wire refused connect", await stranger.request("connect", connectParams({ auth })));
    }
    using garbage = await openWire(port);
    garbage.sendText(`{"auth":"${plant("ws-garbage")}`);
    await garbage.closed;

    // A client with all rights does what clients do, and some of it goes wrong.
    using admin = await connectWire(port, { token, scopes: ["operator.admin"] });
    const { payload: setup } = await admin.request("device.pair.setupCode", {
      publicUrl: "https://gateway.example",
    });
    canaries.adopt("setup-code", setup.setupCode);
    canaries.adopt(
      "bootstrap-token",
      JSON.parse(Buffer.from(setup.setupCode, "base64url").toString()).bootstrapToken,
    );
    using phone = await connectDevice(port, makeDevice(), { token, scopes: ["operator.read"] });
    const { deviceToken } = phone.answer.payload?.auth ?? {};
    if (deviceToken) canaries.adopt("device-token", deviceToken);
    const { payload: before } = await admin.request("config.get", {});
    await admin.request("config.patch", {
      raw: JSON.stringify({ hooks: { token: plant("rpc-set", CONFIG) } }),
      baseHash: before.hash,
    });
    await admin.request("config.patch", { raw: `{ hooks: { token: "${plant("rpc-broken")}" ` });
    await admin.request("config.set", {
      raw: JSON.stringify({ ...config, hooks: { token: [plant("rpc-invalid")] } }),
    });
    await admin.request("no.such.method", { token: plant("rpc-unknown") });
    await admin.request("chat.history", { sessionKey: 1, token: plant("rpc-params") });
    await admin.request("chat.send", {
      sessionKey: "main",
      message: plant("chat-ws", TRANSCRIPT),
      idempotencyKey: "c-1",
    });
    keep(
      "wire event",
      await admin.next(({ event, payload }) => event === "chat" && payload.state !== "delta"),
    );

    // The owner's own mistakes, in the file and on the command line.
    const good = readFileSync(state.configPath, "utf8");
    const broken = plant("file-invalid", CONFIG);
    writeFileSync(
      state.configPath,
      good.replace(/"hooks":\s*\{/, `"hooks": { "transformsDir": ["${broken}"], `),
    );
    await until("the edit is refused", () => gateway.stdout().includes("config reload skipped"));
    writeFileSync(state.configPath, `${good}{ token: ${plant("file-broken", CONFIG)}`);
    await until("that one too", () => gateway.stdout().split("config reload skipped").length > 2);
    writeFileSync(state.configPath, good);

    const run = (...args: string[]) =>
      runOpenclaw(args, state, env).then(({ stdout, stderr }) =>
        keep(
          `cli ${args
            .slice(0, 3)
            .join(" ")
            .replace(/SEC-\S+/g, "…")}`,
          stdout + stderr,
        ),
      );
    await Promise.all([
      run("status", "--json"),
      run("doctor", "--json"),
      run("logs", "--json", "-n", "5000"),
      run("config", "get", "models"),
      run("health", "--token", plant("cli-token"), "--verbose"),
      run("gateway", "diagnostics", "export", "--output", join(state.dir, "logs", "help.zip")),
    ]);
    await run("config", "set", "models.providers.acme.apiKey", plant("cli-set", CONFIG));
    await run("config", "set", "gateway.auth.token", `["${plant("cli-invalid")}"]`);
    // Another gateway for the same folder cannot start, and says why.
    await run("gateway", "run", "--token", plant("flag-token"), "--password", plant("flag-password"));

    for (const method of [
      "status",
      "health",
      "config.get",
      "config.schema",
      "logs.tail",
      "diagnostics.stability",
      "diagnostics.lanes",
      "sessions.list",
      "system-presence",
      "models.list",
      "agents.list",
      "device.pair.list",
      "doctor.check",
      "gateway.restart.preflight",
    ]) {
      const answer = await admin.request(method, {});
      if (method !== "doctor.check")
        assert.equal(answer.ok, true, `${method}: ${JSON.stringify(answer.error)}`);
      keep(`wire ${method}`, answer);
    }
    gateway.child.kill("SIGTERM");
    const { stdout, stderr } = await gateway.ended;
    keep("gateway stdout", stdout);
    keep("gateway stderr", stderr);
  }
  // A start that fails for a reason nobody foresaw: its bundle and its lines.
  const failed = await runOpenclaw(["gateway", "run", "--token", plant("crash-token")], state, {
    ...env,
    OPENCLAW_FAULT_PLAN: "start.afterListen=throw",
  });
  keep("failed start", failed.stdout + failed.stderr);

  const files = filesAsHaystacks(state.dir);
  const archive = files.find(({ where }) => where.endsWith("help.zip"))!;
  const inside = [...unzip(archive.bytes)].map(([name, { data }]) => ({ where: `zip ${name}`, bytes: data }));
  assert.ok(inside.length > 8 && files.some(({ where }) => /stability\/.*start_failed/.test(where)));
  assert.ok(canaries.count() > 100);
  assert.ok(echo.asked() >= 2, "the key was given to its service, which has repeated it");
  // The search itself works: what was planted in the config is found where it may be.
  assert.ok(files.find(({ where }) => where === "file openclaw.json")!.bytes.includes(token));
  const own = openCanaries();
  own.adopt("token", token, [/^nowhere$/]);
  assert.ok(own.search(files).includes("token in file openclaw.json"));

  canaries.adopt("own device", "BEGIN PRIVATE KEY", OWN_DEVICE);
  assert.deepEqual(canaries.search([...found, ...files, ...inside]), []);
});

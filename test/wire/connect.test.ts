import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { makeDevice } from "../kit/device.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { until } from "../kit/until.ts";
import { connectParams, connectWire, openWire, type WireFrame } from "../kit/wire.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway[Symbol.asyncDispose]());

type Attempt = { answer: WireFrame; closed: { code: number; reason: string } };

async function refused(params: unknown, headers: Record<string, string> = {}): Promise<Attempt> {
  using client = await openWire(gateway.port, headers);
  await client.next((frame) => frame.event === "connect.challenge");
  const answer = await client.request("connect", params);
  assert.equal(answer.ok, false, "connect was granted");
  return { answer, closed: await client.closed };
}

test("hello carries what clients read", async () => {
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
  const { hello } = client;
  assert.equal(hello.type, "hello-ok");
  assert.equal(hello.protocol, 4);
  assert.equal(hello.auth.method, "token");
  assert.deepEqual(hello.auth.scopes, ["operator.admin"]);
  assert.equal(hello.policy.maxPayload, 26_214_400);
  assert.equal(hello.policy.tickIntervalMs, 30_000);
  assert.equal(hello.snapshot.sessionDefaults.mainSessionKey, "agent:main:main");
  assert.equal(hello.snapshot.stateDir, gateway.state.dir);
  assert.ok(hello.features.methods.includes("chat.send"));
  assert.ok(!JSON.stringify(hello).includes(gateway.token), "the secret is in the hello");
});

test("[AUTH-07] scopes are what was granted, and a method beyond them is refused", async () => {
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.read"] });
  const { error } = await client.request("chat.send", {
    sessionKey: "main",
    message: "x",
    idempotencyKey: "k",
  });
  assert.equal(error.code, "FORBIDDEN");
  assert.equal(error.message, "missing scope: operator.write");
  assert.equal(error.details.code, "MISSING_SCOPE");
  assert.equal(error.details.missingScope, "operator.write");
});

test("a probe is connected without scopes and sees reduced health", async () => {
  const client = { id: "cli", mode: "probe", version: "dev", platform: "linux" };
  using probe = await connectWire(gateway.port, {
    token: gateway.token,
    client,
    minProtocol: 3,
    maxProtocol: 4,
  });
  assert.deepEqual(probe.hello.auth.scopes, []);
  assert.deepEqual(probe.hello.snapshot.presence, []);
  assert.equal(probe.hello.snapshot.configPath, undefined);
  const health = await probe.request("health");
  assert.deepEqual(Object.keys(health.payload).sort(), ["durationMs", "ok", "ts"]);
});

test("[auth-token-mismatch] [auth-unauthorized] a wrong token is refused with 1008 and says what to do", async () => {
  const { answer, closed } = await refused(connectParams({ token: "wrong" }));
  assert.equal(answer.error.code, "INVALID_REQUEST");
  assert.equal(answer.error.details.code, "AUTH_TOKEN_MISMATCH");
  assert.equal(answer.error.details.canRetryWithDeviceToken, false);
  assert.equal(answer.error.details.recommendedNextStep, "update_auth_credentials");
  assert.match(answer.error.message, /^unauthorized: gateway token mismatch \(/);
  assert.equal(closed.code, 1008);
});

test("[device-identity-required] [AUTH-06] no credentials and no device", async () => {
  for (const auth of [undefined, {}, { token: "" }]) {
    const { answer, closed } = await refused({ ...connectParams(), ...(auth && { auth }) });
    assert.equal(answer.error.code, "NOT_PAIRED");
    assert.equal(answer.error.message, "device identity required");
    assert.equal(answer.error.details.code, "DEVICE_IDENTITY_REQUIRED");
    assert.equal(closed.code, 1008);
  }
});

test("the secret counts whichever field carries it", async () => {
  using client = await connectWire(gateway.port, { auth: { password: gateway.token } });
  assert.equal(client.hello.auth.method, "token");
});

test("protocol ranges: too new and too old close with 1002, a probe may be one behind", async () => {
  for (const [minProtocol, maxProtocol] of [
    [5, 6],
    [1, 3],
  ]) {
    const { answer, closed } = await refused(
      connectParams({ token: gateway.token, minProtocol, maxProtocol }),
    );
    assert.equal(answer.error.details.code, "PROTOCOL_MISMATCH");
    assert.equal(answer.error.details.expectedProtocol, 4);
    assert.deepEqual(closed, { code: 1002, reason: "protocol mismatch" });
  }
  const client = { id: "openclaw-probe", mode: "probe", version: "dev", platform: "linux" };
  using probe = await connectWire(gateway.port, {
    token: gateway.token,
    client,
    minProtocol: 3,
    maxProtocol: 3,
  });
  assert.equal(probe.hello.protocol, 4);
});

const BAD_PARAMS = [
  {
    name: "client missing",
    change: { client: undefined },
    message: "invalid connect params: must have required property 'client'",
  },
  {
    name: "unknown mode",
    change: { client: { id: "cli", mode: "operator", version: "1", platform: "linux" } },
    message: "invalid connect params: at /client/mode: must be equal to one of the allowed values",
  },
  {
    name: "platform missing",
    change: { client: { id: "cli", mode: "cli", version: "1" } },
    message: "invalid connect params: at /client: must have required property 'platform'",
  },
  {
    name: "minProtocol as text",
    change: { minProtocol: "4" },
    message: "invalid connect params: at /minProtocol: must be number",
  },
  { name: "unknown role", change: { role: "root" }, message: "invalid role" },
] as const;
for (const { name, change, message } of BAD_PARAMS) {
  test(`bad connect parameters: ${name}`, async () => {
    const { answer, closed } = await refused({ ...connectParams({ token: gateway.token }), ...change });
    assert.equal(answer.error.code, "INVALID_REQUEST");
    assert.equal(answer.error.message, message);
    assert.equal(closed.code, 1008);
    assert.ok(message.startsWith(closed.reason.slice(0, 100)));
  });
}

test("a page client without a device is refused, with the right token too", async () => {
  const client = { id: "openclaw-tui", mode: "ui", version: "1", platform: "linux" };
  const { answer } = await refused(connectParams({ token: gateway.token, client }));
  assert.equal(answer.error.details.code, "CONTROL_UI_DEVICE_IDENTITY_REQUIRED");
});

test("[origin-not-allowed] [AUTH-02] [AUTH-19] a page from elsewhere is refused, another localhost port too", async () => {
  for (const origin of ["http://evil.example", "http://localhost:3000", "null"]) {
    const { answer, closed } = await refused(connectParams({ token: gateway.token }), { origin });
    assert.equal(answer.error.details.code, "CONTROL_UI_ORIGIN_NOT_ALLOWED", origin);
    assert.match(answer.error.message, /^origin not allowed/);
    assert.equal(closed.code, 1008);
  }
});

test("a device signed for this challenge is welcome on this machine", async () => {
  const device = makeDevice();
  using client = await openWire(gateway.port, { origin: `http://127.0.0.1:${gateway.port}` });
  const challenge = await client.next((frame) => frame.event === "connect.challenge");
  const params = connectParams({
    token: gateway.token,
    client: { id: "openclaw-control-ui", mode: "webchat", version: "1", platform: "linux" },
  });
  const answer = await client.request("connect", device.sign(params, challenge.payload));
  assert.equal(answer.ok, true, JSON.stringify(answer.error));
  assert.deepEqual(answer.payload.auth.scopes, ["operator.read", "operator.write"]);
});

const PROOFS = [
  {
    id: "device-nonce-required",
    detail: "DEVICE_AUTH_NONCE_REQUIRED",
    message: "device nonce required",
    damage: { nonce: " " },
  },
  {
    id: "device-nonce-mismatch",
    detail: "DEVICE_AUTH_NONCE_MISMATCH",
    message: "device nonce mismatch",
    challenge: { nonce: "another" },
  },
  {
    id: "device-signature-invalid",
    detail: "DEVICE_AUTH_SIGNATURE_INVALID",
    message: "device signature invalid",
    damage: { signature: Buffer.alloc(64, 7).toString("base64url") },
  },
  {
    id: "device-signature-expired",
    detail: "DEVICE_AUTH_SIGNATURE_EXPIRED",
    message: "device signature expired",
    challenge: { ts: Date.now() - 20 * 60_000 },
  },
  {
    id: "AUTH-22",
    detail: "DEVICE_AUTH_DEVICE_ID_MISMATCH",
    message: "device identity mismatch",
    damage: { id: "0".repeat(64) },
  },
] as const;
for (const proof of PROOFS) {
  test(`[${proof.id}] a device proof that does not hold: ${proof.message}`, async () => {
    using client = await openWire(gateway.port);
    const challenge = await client.next((frame) => frame.event === "connect.challenge");
    const params = connectParams({ token: gateway.token });
    const signed = makeDevice().sign(params, {
      ...challenge.payload,
      ...("challenge" in proof && proof.challenge),
    });
    const device = { ...(signed.device as object), ...("damage" in proof && proof.damage) };
    const answer = await client.request("connect", { ...signed, device });
    assert.equal(answer.error.details.code, proof.detail);
    assert.equal(answer.error.message, proof.message);
    assert.equal((await client.closed).code, 1008);
  });
}

test("[AUTH-20] a proof made for one socket is worth nothing on the next", async () => {
  const device = makeDevice();
  using first = await openWire(gateway.port);
  const { payload } = await first.next((frame) => frame.event === "connect.challenge");
  const signed = device.sign(connectParams({ token: gateway.token }), payload);
  assert.equal((await first.request("connect", signed)).ok, true);
  const { answer } = await refused(signed);
  assert.equal(answer.error.details.code, "DEVICE_AUTH_NONCE_MISMATCH");
});

test("[auth-token-missing] a signed device without any credential", async () => {
  using client = await openWire(gateway.port);
  const { payload } = await client.next((frame) => frame.event === "connect.challenge");
  const answer = await client.request("connect", makeDevice().sign(connectParams(), payload));
  assert.equal(answer.error.details.code, "AUTH_TOKEN_MISSING");
  assert.equal(answer.error.details.recommendedNextStep, "update_auth_configuration");
});

test("[auth-device-token-mismatch] [AUTH-23] a device token nobody issued", async () => {
  using client = await openWire(gateway.port);
  const { payload } = await client.next((frame) => frame.event === "connect.challenge");
  const params = connectParams({ auth: { deviceToken: "stolen-or-stale" } });
  const answer = await client.request("connect", makeDevice().sign(params, payload));
  assert.equal(answer.error.details.code, "AUTH_DEVICE_TOKEN_MISMATCH");
  assert.equal(answer.error.message, "unauthorized: device token mismatch (rotate/reissue device token)");
  assert.match((await client.closed).reason, /device token mismatch/);
});

test("[auth-rate-limited] [AUTH-03] guesses of one page are locked out, others are not", async () => {
  const origin = `http://127.0.0.1:${gateway.port}`;
  for (let guess = 0; guess < 10; guess++) {
    const { answer } = await refused(connectParams({ token: `guess-${guess}` }), { origin });
    assert.equal(answer.error.details.code, "AUTH_TOKEN_MISMATCH");
  }
  const { answer, closed } = await refused(connectParams({ token: gateway.token }), { origin });
  assert.equal(answer.error.message, "unauthorized: too many failed authentication attempts (retry later)");
  assert.equal(answer.error.details.code, "AUTH_RATE_LIMITED");
  assert.equal(answer.error.retryable, true);
  assert.ok(answer.error.retryAfterMs > 0);
  assert.equal(closed.code, 1008);
  using honest = await connectWire(gateway.port, { token: gateway.token });
  assert.equal(honest.hello.type, "hello-ok");
});

test("[DOS-01] [DOS-02] strangers beyond the limit push out the oldest of their kind, never an honest newcomer", async () => {
  await using small = await openGateway({ env: { OPENCLAW_MAX_PREAUTH_CONNECTIONS_PER_IP: "3" } });
  const silent = await Promise.all([1, 2, 3].map(() => openWire(small.port)));
  for (let round = 0; round < 20; round++) {
    silent.push(await openWire(small.port));
    using client = await connectWire(small.port, { token: small.token });
    assert.equal(client.hello.type, "hello-ok");
  }
  assert.deepEqual(await silent[0]!.closed, { code: 1013, reason: "too many unauthenticated sockets" });
  const open = silent.filter(({ socket }) => socket.readyState === socket.OPEN);
  assert.ok(open.length <= 3, `${open.length} strangers are left`);
  for (const { socket } of silent) socket.terminate();
});

test("[DOS-02] [AUTH-02] pages of foreign origins never take the place of a program", async () => {
  await using small = await openGateway({ env: { OPENCLAW_MAX_PREAUTH_CONNECTIONS_PER_IP: "2" } });
  using honest = await openWire(small.port);
  const pages = await Promise.all(
    Array.from({ length: 12 }, () => openWire(small.port, { origin: "http://evil.example" })),
  );
  await honest.next((frame) => frame.event === "connect.challenge");
  assert.equal((await honest.request("connect", connectParams({ token: small.token }))).ok, true);
  const open = () => pages.filter(({ socket }) => socket.readyState === socket.OPEN);
  await until("only four pages are left", () => open().length === 4);
  for (const { socket } of pages) socket.terminate();
});

test("[proxy-untrusted-forwarded] [AUTH-14] forwarding headers from a stranger stop the upgrade with 403", async () => {
  await assert.rejects(openWire(gateway.port, { "x-forwarded-for": "203.0.113.9" }), /403/);
});

test("[AUTH-18] a foreign Host on a loopback bind is refused at the upgrade", async () => {
  await assert.rejects(openWire(gateway.port, { host: "rebind.example" }), /421/);
});

test("[AUTH-11] [AUTH-13] behind a trusted proxy nobody is local: no scopes without a device, no silent pairing", async () => {
  await using behind = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
  const headers = { "x-forwarded-for": "127.0.0.1, 203.0.113.9" };
  using plain = await openWire(behind.port, headers);
  await plain.next((frame) => frame.event === "connect.challenge");
  const granted = await plain.request(
    "connect",
    connectParams({ token: behind.token, scopes: ["operator.admin"] }),
  );
  assert.deepEqual(granted.payload.auth.scopes, []);

  using paired = await openWire(behind.port, headers);
  const { payload } = await paired.next((frame) => frame.event === "connect.challenge");
  const answer = await paired.request(
    "connect",
    makeDevice().sign(connectParams({ token: behind.token }), payload),
  );
  assert.equal(answer.error.code, "NOT_PAIRED");
  assert.equal(answer.error.details.code, "PAIRING_REQUIRED");
  assert.match((await paired.closed).reason, /^pairing required/);
});

test("password mode: missing and wrong have their own codes", async () => {
  await using closed = await openGateway({
    config: { gateway: { auth: { mode: "password", password: "SEC-pass-9931" } } },
  });
  using client = await openWire(closed.port);
  await client.next((frame) => frame.event === "connect.challenge");
  const wrong = await client.request("connect", connectParams({ auth: { password: "nope" } }));
  assert.equal(wrong.error.details.code, "AUTH_PASSWORD_MISMATCH");
  using right = await connectWire(closed.port, { auth: { password: "SEC-pass-9931" } });
  assert.equal(right.hello.auth.method, "password");
});

test("[AUTH-17] a config change as the first frame is an invalid handshake and changes nothing", async () => {
  const before = readFileSync(gateway.state.configPath, "utf8");
  for (const method of ["config.apply", "config.patch", "config.set"]) {
    using client = await openWire(gateway.port);
    const answer = await client.request(method, { raw: "{}" });
    assert.equal(answer.error.message, "invalid handshake: first request must be connect");
    assert.equal((await client.closed).code, 1008);
  }
  assert.equal(readFileSync(gateway.state.configPath, "utf8"), before);
});

test("[AUTH-09] a famous client id without the secret is worth as much as an unknown one", async () => {
  for (const id of ["cli", "gateway-client", "openclaw-macos", "test", "somebody"]) {
    const client = { id, mode: "cli", version: "1", platform: "linux" };
    const { answer } = await refused(connectParams({ token: "wrong", client }));
    assert.equal(answer.error.details.code, "AUTH_TOKEN_MISMATCH", id);
  }
});

test("[AUTH-10] a device nobody paired cannot give itself scopes", async () => {
  for (const scopes of [["operator.admin"], []]) {
    using client = await openWire(gateway.port);
    const { payload } = await client.next((frame) => frame.event === "connect.challenge");
    const answer = await client.request("connect", makeDevice().sign(connectParams({ scopes }), payload));
    assert.equal(answer.ok, false);
    assert.equal((await client.closed).code, 1008);
  }
});

test("[SCOPE-15] [CONF-07] no read method shows a secret, whatever the scopes", async () => {
  const config = {
    models: { providers: { p: { baseUrl: "http://127.0.0.1:9/v1", apiKey: "SEC-provider-4711" } } },
    channels: { telegram: { botToken: "SEC-bot-0815" } },
  };
  await using seeded = await openGateway({ config });
  using client = await connectWire(seeded.port, { token: seeded.token, scopes: ["operator.admin"] });
  for (const method of client.hello.features.methods.filter((name) =>
    /get|list|status|health|tail|presence|schema$/.test(name),
  )) {
    const answer = await client.request(method, {});
    assert.doesNotMatch(JSON.stringify(answer), /SEC-/, method);
  }
});

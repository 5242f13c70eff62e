import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connectDevice, ELSEWHERE, makeDevice } from "../kit/device.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

let gateway: TestGateway;
let owner: WireClient;
before(async () => {
  // Requests straight from this machine carry no such header and stay local.
  gateway = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
  owner = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
});
after(async () => {
  owner[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const secret = () => ({ token: gateway.token });
const tab = { id: "openclaw-macos", mode: "ui", version: "1", platform: "darwin" };

/** Paired on this machine with these scopes; what the device keeps of it. */
async function pairHere(scopes: string[], more: Record<string, unknown> = {}) {
  const device = makeDevice();
  using client = await connectDevice(gateway.port, device, { ...secret(), scopes, ...more });
  assert.equal(client.answer.ok, true, JSON.stringify(client.answer.error));
  return { device, deviceToken: client.answer.payload.auth.deviceToken as string };
}

const approve = (requestId: string) => owner.request("device.pair.approve", { requestId });
const logged = (pattern: RegExp) => gateway.console.filter((line) => pattern.test(line));

test("a new device on this machine is paired silently and gets its token once", async () => {
  const device = makeDevice();
  using first = await connectDevice(gateway.port, device, { ...secret(), scopes: ["operator.read"] });
  const { auth } = first.answer.payload;
  assert.equal(auth.method, "token");
  assert.equal(typeof auth.deviceToken, "string");
  assert.equal(Number.isInteger(auth.issuedAtMs), true);
  using again = await connectDevice(gateway.port, device, {
    auth: { deviceToken: auth.deviceToken },
    scopes: ["operator.read"],
  });
  assert.equal(again.answer.payload.auth.method, "device-token");
  assert.equal("deviceToken" in again.answer.payload.auth, false, "a token that is known is not repeated");
});

test("[pairing-required-not-paired] [pair-approve-to-connect] [pair-log-request] [pair-new-device-waiting] [AUTH-10] [AUTH-11] a device from elsewhere waits for its owner, and gets in", async () => {
  const device = makeDevice();
  const wish = { ...secret(), client: tab, scopes: ["operator.read"] };
  const requested = owner.next((frame) => frame.event === "device.pair.requested");
  using client = await connectDevice(gateway.port, device, wish, ELSEWHERE);
  const { error } = client.answer;
  assert.equal(error.code, "NOT_PAIRED");
  assert.equal(error.message, "pairing required: device is not approved yet");
  const { details } = error;
  assert.equal(details.code, "PAIRING_REQUIRED");
  assert.equal(details.reason, "not-paired");
  assert.equal(details.deviceId, device.id);
  assert.equal(details.requestedRole, "operator");
  assert.deepEqual(details.requestedScopes, ["operator.read"]);
  assert.match(details.remediationHint, /device not paired — approve this device to connect/);
  const { requestId } = details;
  assert.deepEqual(await client.closed, {
    code: 1008,
    reason: `pairing required: device is not approved yet (requestId: ${requestId})`,
  });
  assert.equal((await requested).payload.requestId, requestId);
  assert.equal(
    logged(
      new RegExp(
        `\\[gateway\\] pairing request from device ${device.id}: new device detected — waiting for approval: openclaw devices approve ${requestId}`,
      ),
    ).length,
    1,
  );

  using retry = await connectDevice(gateway.port, device, wish, ELSEWHERE);
  assert.equal(retry.answer.error.details.requestId, requestId, "the same wish is the same request");
  const resolved = owner.next((frame) => frame.event === "device.pair.resolved");
  const approved = await approve(requestId);
  assert.equal(approved.payload.device.deviceId, device.id);
  assert.equal((await resolved).payload.decision, "approved");
  using welcome = await connectDevice(gateway.port, device, wish, ELSEWHERE);
  assert.equal(welcome.answer.ok, true, JSON.stringify(welcome.answer.error));
  const { deviceToken } = welcome.answer.payload.auth;
  using later = await connectDevice(
    gateway.port,
    device,
    { auth: { deviceToken }, client: tab, scopes: ["operator.read"] },
    ELSEWHERE,
  );
  assert.equal(later.answer.payload.auth.method, "device-token");
});

test("the longest pairing reason leaves the request id whole", async () => {
  const { device } = await pairHere(["operator.read"]);
  using client = await connectDevice(
    gateway.port,
    device,
    { ...secret(), scopes: ["operator.admin"] },
    ELSEWHERE,
  );
  const { reason } = await client.closed;
  assert.ok(Buffer.byteLength(reason) <= 123, reason);
  assert.match(reason, /^pairing required: device is asking for more scopes.*\(requestId: [0-9a-f-]{36}\)$/);
});

test("[pairing-required-scope-upgrade] more scopes from elsewhere wait; with a device token they are a mismatch and no request", async () => {
  const { device, deviceToken } = await pairHere(["operator.read"]);
  using client = await connectDevice(
    gateway.port,
    device,
    { ...secret(), scopes: ["operator.admin"] },
    ELSEWHERE,
  );
  const { details, message } = client.answer.error;
  assert.equal(message, "pairing required: device is asking for more scopes than currently approved");
  assert.equal(details.reason, "scope-upgrade");
  assert.deepEqual(details.approvedScopes, ["operator.read"]);
  assert.deepEqual(details.approvedRoles, ["operator"]);
  await owner.request("device.pair.reject", { requestId: details.requestId });
  using byToken = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.admin"],
  });
  assert.equal(byToken.answer.error.details.code, "AUTH_SCOPE_MISMATCH");
  assert.equal(byToken.answer.error.details.recommendedNextStep, "review_auth_configuration");
  assert.equal(
    byToken.answer.error.message,
    "unauthorized: device token scope mismatch (re-pair or approve scope upgrade)",
  );
  const { payload } = await owner.request("device.pair.list");
  assert.ok(payload.pending.every((request: { deviceId: string }) => request.deviceId !== device.id));
});

test("more scopes on this machine widen the record, and the token of before works on", async () => {
  const { device, deviceToken } = await pairHere(["operator.read"]);
  using wider = await connectDevice(gateway.port, device, {
    auth: { token: gateway.token, deviceToken },
    scopes: ["operator.admin"],
  });
  assert.deepEqual(wider.answer.payload.auth.scopes, ["operator.admin"]);
  assert.equal("deviceToken" in wider.answer.payload.auth, false);
  using byToken = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.admin"],
  });
  assert.equal(byToken.answer.ok, true);
});

test("[pairing-required-role-upgrade] another role waits, on this machine too", async () => {
  const { device } = await pairHere(["operator.read"]);
  using client = await connectDevice(gateway.port, device, { ...secret(), role: "node", scopes: [] });
  const { message, details } = client.answer.error;
  assert.equal(message, "pairing required: device is asking for a higher role than currently approved");
  assert.equal(details.reason, "role-upgrade");
  await approve(details.requestId);
  using node = await connectDevice(gateway.port, device, { ...secret(), role: "node", scopes: [] });
  assert.equal(node.answer.payload.auth.role, "node");
  assert.deepEqual(node.answer.payload.snapshot.presence, []);
  const refused = await node.request("status");
  assert.equal(refused.error.message, "unauthorized role: node");
});

test("[pairing-required-metadata-upgrade] another platform waits, and the pending request is reused", async () => {
  const cli = { id: "cli", mode: "cli", version: "1", platform: "linux" };
  const { device } = await pairHere(["operator.read"], { client: cli });
  const moved = { ...secret(), client: { ...cli, platform: "darwin" }, scopes: ["operator.read"] };
  using client = await connectDevice(gateway.port, device, moved);
  assert.equal(
    client.answer.error.message,
    "pairing required: device identity changed and must be re-approved",
  );
  const { reason, requestId } = client.answer.error.details;
  assert.equal(reason, "metadata-upgrade");
  using again = await connectDevice(gateway.port, device, moved);
  assert.equal(again.answer.error.details.requestId, requestId);
  await approve(requestId);
  using welcome = await connectDevice(gateway.port, device, moved);
  assert.equal(welcome.answer.ok, true);
});

test("another wish is another request, and the former one counts as rejected", async () => {
  const device = makeDevice();
  const ask = async (scopes: string[]) => {
    using client = await connectDevice(gateway.port, device, { ...secret(), scopes }, ELSEWHERE);
    return client.answer.error.details.requestId as string;
  };
  const first = await ask(["operator.read"]);
  const resolved = owner.next((frame) => frame.payload?.requestId === first && frame.payload.decision);
  const second = await ask(["operator.write"]);
  assert.notEqual(second, first);
  assert.equal((await resolved).payload.decision, "rejected");
  const { payload } = await owner.request("device.pair.list");
  const mine = payload.pending.filter((request: { deviceId: string }) => request.deviceId === device.id);
  assert.deepEqual(mine[0].scopes, ["operator.read", "operator.write"]);
});

for (const [name, header] of [
  ["x-forwarded-host", "localhost"],
  ["x-forwarded-proto", "https"],
  ["x-forwarded-port", "443"],
  ["x-forwarded-server", "edge"],
  ["forwarded", "for=127.0.0.1"],
  ["x-real-ip", "127.0.0.1"],
  ["via", "1.1 edge"],
  ["cf-connecting-ip", "127.0.0.1"],
  ["true-client-ip", "127.0.0.1"],
  ["x-client-ip", "127.0.0.1"],
  ["x-cluster-client-ip", "127.0.0.1"],
  ["x-forwarded-for", "127.0.0.1"],
]) {
  test(`[AUTH-11] ${name} takes away every privilege of this machine`, async () => {
    using client = await connectDevice(gateway.port, makeDevice(), secret(), {
      host: `localhost:${gateway.port}`,
      [name!]: header!,
    });
    assert.equal(client.answer.error?.details.reason, "not-paired");
  });
}

test("[devtok-plain] [auth-device-token-mismatch] a rotated token is refused, and its sockets are closed with 4001", async () => {
  const { device, deviceToken } = await pairHere(["operator.read"]);
  using live = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.read"],
  });
  const { payload } = await owner.request("device.token.rotate", { deviceId: device.id, role: "operator" });
  assert.deepEqual(Object.keys(payload).sort(), [
    "deviceId",
    "role",
    "rotatedAtMs",
    "scopes",
    "tokenDelivery",
  ]);
  assert.equal(payload.tokenDelivery, "withheld-cross-device");
  assert.deepEqual(await live.closed, { code: 4001, reason: "device removed" });
  using stale = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.read"],
  });
  assert.equal(
    stale.answer.error.message,
    "unauthorized: device token mismatch (rotate/reissue device token)",
  );
  assert.equal(stale.answer.error.details.code, "AUTH_DEVICE_TOKEN_MISMATCH");
  assert.equal(stale.answer.error.details.authReason, "device_token_mismatch");
  assert.equal((await stale.closed).code, 1008);
  assert.ok(logged(/connect refused .*detail=AUTH_DEVICE_TOKEN_MISMATCH.*fix=/).length > 0);
  using healed = await connectDevice(gateway.port, device, { ...secret(), scopes: ["operator.read"] });
  assert.equal(typeof healed.answer.payload.auth.deviceToken, "string");
});

test("[auth-retry-with-device-token] a wrong token next to a good device token gets in by the latter", async () => {
  const { device, deviceToken } = await pairHere(["operator.read"]);
  using refused = await connectDevice(gateway.port, device, {
    auth: { token: "bad" },
    scopes: ["operator.read"],
  });
  assert.equal(refused.answer.error.details.code, "AUTH_TOKEN_MISMATCH");
  assert.equal(refused.answer.error.details.canRetryWithDeviceToken, true);
  assert.equal(refused.answer.error.details.recommendedNextStep, "retry_with_device_token");
  using retried = await connectDevice(gateway.port, device, {
    auth: { token: "bad", deviceToken },
    scopes: ["operator.read"],
  });
  assert.equal(retried.answer.payload.auth.method, "device-token");
  // Clients of 2026.9.1 put the same token into both fields.
  using both = await connectDevice(gateway.port, device, {
    auth: { token: deviceToken, deviceToken },
    scopes: ["operator.read"],
  });
  assert.equal(both.answer.payload.auth.method, "device-token");
});

test("[AUTH-23] a device token with another key, or without one, is worth nothing", async () => {
  const { deviceToken } = await pairHere(["operator.admin"]);
  using thief = await connectDevice(gateway.port, makeDevice(), {
    auth: { deviceToken },
    scopes: ["operator.read"],
  });
  assert.equal(thief.answer.error.details.code, "AUTH_DEVICE_TOKEN_MISMATCH");
});

test("[AUTH-29] what a removed device still waits for is refused, and its sockets are closed", async () => {
  const { device, deviceToken } = await pairHere(["operator.write"]);
  using live = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.write"],
  });
  const waiting = live.request("agent.wait", { runId: "no-such-run", timeoutMs: 60_000 });
  const events = owner.next((frame) => frame.event === "device.pair.changed");
  assert.deepEqual((await owner.request("device.pair.remove", { deviceId: device.id })).payload, {
    deviceId: device.id,
  });
  const { error } = await waiting;
  assert.equal(error.code, "FORBIDDEN");
  assert.equal(error.message, "device removed");
  assert.deepEqual(await live.closed, { code: 4001, reason: "device removed" });
  await events;
  using back = await connectDevice(gateway.port, device, { auth: { deviceToken } }, ELSEWHERE);
  assert.equal(back.answer.error.details.code, "AUTH_DEVICE_TOKEN_MISMATCH");
});

test("[AUTH-35] a revoked role waits for the owner, also on this machine", async () => {
  const { device, deviceToken } = await pairHere(["operator.read"]);
  using live = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.read"],
  });
  const revoked = await owner.request("device.token.revoke", { deviceId: device.id, role: "operator" });
  assert.equal(Number.isInteger(revoked.payload.revokedAtMs), true);
  assert.equal((await live.closed).code, 4001);
  using back = await connectDevice(gateway.port, device, { ...secret(), scopes: ["operator.read"] });
  assert.equal(back.answer.error.details.reason, "role-upgrade");
});

test("[AUTH-33] who was paired for nothing has nothing", async () => {
  const { device, deviceToken } = await pairHere([]);
  using byToken = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.read"],
  });
  assert.equal(byToken.answer.error.details.code, "AUTH_SCOPE_MISMATCH");
  using remote = await connectDevice(
    gateway.port,
    device,
    { ...secret(), scopes: ["operator.read"] },
    ELSEWHERE,
  );
  assert.equal(remote.answer.error.details.reason, "scope-upgrade");
});

test("a device rotates its own token and reads it in the answer", async () => {
  const { device, deviceToken } = await pairHere(["operator.pairing", "operator.read"]);
  using self = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.pairing", "operator.read"],
  });
  const { payload } = await self.request("device.token.rotate", { deviceId: device.id, role: "operator" });
  assert.equal(payload.tokenDelivery, "in-band");
  assert.equal((await self.closed).code, 4001);
  using again = await connectDevice(gateway.port, device, {
    auth: { deviceToken: payload.token },
    scopes: [],
  });
  assert.equal(again.answer.ok, true);
});

test("[devices-manage-denied] [AUTH-30] [AUTH-31] [AUTH-32] a device manages itself and nobody else", async () => {
  const other = await pairHere(["operator.read"]);
  const { device, deviceToken } = await pairHere(["operator.pairing"]);
  using self = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.pairing"],
  });
  const foreign = { deviceId: other.device.id, role: "operator" };
  const refusals = {
    "device.token.rotate": [foreign, "device token rotation denied"],
    "device.token.revoke": [foreign, "device token revocation denied"],
    "device.pair.remove": [{ deviceId: other.device.id }, "device removal denied"],
    "device.pair.rename": [{ deviceId: other.device.id, label: "x" }, "device rename denied"],
  } as const;
  for (const [method, [params, message]] of Object.entries(refusals)) {
    const { error } = await self.request(method, params);
    assert.equal(error.message, message);
    assert.equal(error.code, "FORBIDDEN");
  }
  const beyond = await self.request("device.token.rotate", {
    deviceId: device.id,
    role: "operator",
    scopes: ["operator.admin"],
  });
  assert.equal(beyond.error.message, "device token rotation denied");
  const { payload } = await self.request("device.pair.list");
  assert.deepEqual(
    payload.paired.map((entry: { deviceId: string }) => entry.deviceId),
    [device.id],
  );

  using reader = await connectDevice(gateway.port, other.device, {
    auth: { deviceToken: other.deviceToken },
    scopes: ["operator.read"],
  });
  const { error } = await reader.request("device.pair.list");
  assert.equal(error.message, "missing scope: operator.pairing");
  assert.equal(error.details.code, "MISSING_SCOPE");

  using asking = await connectDevice(
    gateway.port,
    makeDevice(),
    { ...secret(), scopes: ["operator.admin"] },
    ELSEWHERE,
  );
  const { requestId } = asking.answer.error.details;
  using plain = await connectWire(gateway.port, { ...secret(), scopes: ["operator.pairing"] });
  const low = await plain.request("device.pair.approve", { requestId });
  assert.equal(low.error.message, "missing scope: operator.admin");
  assert.equal(
    (await self.request("device.pair.approve", { requestId })).error.message,
    "device pairing approval denied",
  );
});

test("[AUTH-32] events of other devices reach only who may manage them", async () => {
  const { device, deviceToken } = await pairHere(["operator.pairing"]);
  using self = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.pairing"],
  });
  const heard = owner.next((frame) => frame.event === "device.pair.requested");
  using asking = await connectDevice(gateway.port, makeDevice(), secret(), ELSEWHERE);
  assert.equal(asking.answer.ok, false);
  await heard;
  await self.request("health");
  assert.ok(self.frames.every((frame) => frame.event !== "device.pair.requested"));
});

test("unknown ids are named as such", async () => {
  for (const [method, params, message] of [
    ["device.pair.approve", { requestId: "nope" }, "unknown requestId"],
    ["device.pair.reject", { requestId: "nope" }, "unknown requestId"],
    ["device.pair.remove", { deviceId: "nope" }, "unknown deviceId"],
    ["device.pair.rename", { deviceId: "nope", label: "x" }, "unknown deviceId"],
    ["device.token.rotate", { deviceId: "nope", role: "operator" }, "device token rotation denied"],
    ["device.scopes.waitUpgrade", { requestId: "nope" }, "device identity required"],
  ] as const) {
    assert.equal((await owner.request(method, params)).error.message, message, method);
  }
  const long = await owner.request("device.pair.rename", { deviceId: "nope", label: "x".repeat(65) });
  assert.match(long.error.message, /^invalid device.pair.rename params: /);
});

test("a list shows names, rights and who is connected, and no token", async () => {
  const { device, deviceToken } = await pairHere(["operator.read"]);
  await owner.request("device.pair.rename", { deviceId: device.id, label: "kitchen" });
  using live = await connectDevice(gateway.port, device, {
    auth: { deviceToken },
    scopes: ["operator.read"],
  });
  assert.equal(live.answer.ok, true);
  const { payload } = await owner.request("device.pair.list");
  const entry = payload.paired.find((each: { deviceId: string }) => each.deviceId === device.id);
  assert.equal(entry.label, "kitchen");
  assert.equal(entry.connected, true);
  assert.equal(entry.approvedVia, "silent");
  assert.equal(entry.tokens[0].role, "operator");
  assert.ok(Number.isInteger(entry.tokens[0].lastUsedAtMs));
  assert.ok(!JSON.stringify(payload).includes(deviceToken));
  const { payload: status } = await owner.request("status");
  assert.ok(status.devices.paired > 0);
});

test("a device without any scope asks for some and is told the answer", async () => {
  const { device, deviceToken } = await pairHere([]);
  using client = await connectDevice(gateway.port, device, { auth: { deviceToken }, scopes: [] });
  const { payload } = await client.request("device.scopes.requestUpgrade", { scopes: ["operator.read"] });
  const answer = client.request("device.scopes.waitUpgrade", payload);
  await approve(payload.requestId);
  const { payload: result } = await answer;
  assert.equal(result.status, "approved");
  assert.deepEqual(result.scopes, ["operator.read"]);
  using wider = await connectDevice(gateway.port, device, {
    auth: { deviceToken: result.deviceToken },
    scopes: ["operator.read"],
  });
  assert.equal(wider.answer.ok, true);
});

test("[log-4008-closed] a page that gives up after a refusal is explained in the log", async () => {
  const origin = `http://127.0.0.1:${gateway.port}`;
  const client = { id: "openclaw-control-ui", mode: "webchat", version: "1", platform: "linux" };
  using page = await connectDevice(
    gateway.port,
    makeDevice(),
    { auth: { token: "wrong", password: "wrong" }, client },
    { origin },
  );
  assert.match(page.answer.error.message, /paste the token in Control UI settings/);
  page.socket.close(4008, "connect failed");
  await page.closed;
  // The server's own 1008 may have been quicker; then there is nothing to explain.
  using silent = await connectDevice(gateway.port, makeDevice(), { ...secret(), client }, { origin });
  silent.socket.close(4008, "connect failed");
  await silent.closed;
  await silent.closed;
  const lines = await untilLogged(/\[ws\] connection closed: 4008 connect failed conn=\S+ phase=\w+/);
  assert.match(lines[0]!, /client=openclaw-control-ui/);
});

async function untilLogged(pattern: RegExp): Promise<string[]> {
  for (let wait = 0; wait < 500 && logged(pattern).length === 0; wait++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const lines = logged(pattern);
  assert.ok(lines.length > 0, `not logged: ${pattern}`);
  return lines;
}

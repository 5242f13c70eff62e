import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connectDevice, ELSEWHERE, makeDevice } from "../kit/device.ts";
import { openPairing } from "../kit/pairing.ts";
import { connectWire } from "../kit/wire.ts";

const pairing = await openPairing();
const { gateway, owner, secret, pairHere, logged } = pairing;
after(() => pairing[Symbol.asyncDispose]());

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

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connectDevice, ELSEWHERE, makeDevice } from "../kit/device.ts";
import { openPairing } from "../kit/pairing.ts";

const pairing = await openPairing();
const { gateway, owner, secret, pairHere, approve, logged } = pairing;
after(() => pairing[Symbol.asyncDispose]());
const tab = { id: "openclaw-macos", mode: "ui", version: "1", platform: "darwin" };

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

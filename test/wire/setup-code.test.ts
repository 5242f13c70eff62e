import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { qrPng, qrText } from "../../src/platform/qr.ts";
import { connectDevice, ELSEWHERE, makeDevice } from "../kit/device.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

let gateway: TestGateway;
let owner: WireClient;
before(async () => {
  gateway = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
  owner = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
});
after(async () => {
  owner[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const PUBLIC = { publicUrl: "https://claw.example.net" };
const phone = { id: "openclaw-ios", mode: "ui", version: "1", platform: "ios", displayName: "my phone" };

async function newCode(params: Record<string, unknown> = PUBLIC) {
  const { payload, error } = await owner.request("device.pair.setupCode", params);
  assert.equal(error, undefined, JSON.stringify(error));
  return { ...payload, code: JSON.parse(Buffer.from(payload.setupCode, "base64url").toString()) };
}

test("a setup code pairs a phone from elsewhere as node and operator, once", async () => {
  const { code, setupId, access, gatewayUrl, auth, urlSource } = await newCode();
  assert.deepEqual(
    [gatewayUrl, auth, urlSource, access],
    ["wss://claw.example.net", "token", "publicUrl", "full"],
  );
  assert.deepEqual(Object.keys(code).sort(), ["bootstrapToken", "expiresAtMs", "url"]);
  assert.deepEqual((await owner.request("device.pair.setupStatus", { setupId })).payload, {});
  const completed = owner.next((frame) => frame.event === "device.pair.setup.completed");
  const redeem = {
    auth: { bootstrapToken: code.bootstrapToken },
    role: "node",
    scopes: [],
    client: phone,
  };
  const device = makeDevice();
  using client = await connectDevice(gateway.port, device, redeem, ELSEWHERE);
  const hello = client.answer.payload.auth;
  assert.equal(hello.method, "bootstrap-token");
  assert.equal(hello.role, "node");
  assert.deepEqual(hello.scopes, []);
  assert.equal(hello.deviceTokens[0].role, "operator");
  assert.ok(hello.deviceTokens[0].scopes.includes("operator.admin"));
  const { payload } = await completed;
  assert.deepEqual([payload.setupId, payload.deviceId, payload.access], [setupId, device.id, "full"]);
  const { completion } = (await owner.request("device.pair.setupStatus", { setupId })).payload;
  assert.deepEqual([completion.deviceId, completion.deviceName], [device.id, "my phone"]);

  using operator = await connectDevice(
    gateway.port,
    device,
    { auth: { deviceToken: hello.deviceTokens[0].deviceToken }, scopes: ["operator.admin"], client: phone },
    ELSEWHERE,
  );
  assert.equal(operator.answer.payload.auth.method, "device-token");
  using node = await connectDevice(
    gateway.port,
    device,
    { auth: { deviceToken: hello.deviceToken }, role: "node", scopes: [], client: phone },
    ELSEWHERE,
  );
  assert.equal(node.answer.ok, true);
});

test("[AUTH-34] fifty that race for one code: one gets in, the others read why not", async () => {
  const { code } = await newCode();
  const clients = await Promise.all(
    Array.from({ length: 50 }, (_, at) =>
      connectDevice(
        gateway.port,
        makeDevice(),
        { auth: { bootstrapToken: code.bootstrapToken }, role: "node", scopes: [] },
        { "x-forwarded-for": `203.0.113.${at}` },
      ),
    ),
  );
  const refused = clients.filter(({ answer }) => !answer.ok);
  assert.equal(refused.length, 49);
  for (const { answer } of refused) {
    assert.equal(answer.error.details.code, "AUTH_BOOTSTRAP_TOKEN_INVALID");
    assert.match(
      answer.error.message,
      /^unauthorized: setup code invalid, expired, revoked, or already used/,
    );
  }
  for (const client of clients) client[Symbol.dispose]();
});

test("what a code leads to was fixed when it was made", async () => {
  const limited = await newCode({ ...PUBLIC, bootstrapProfile: "limited" });
  const node = await newCode({ ...PUBLIC, bootstrapProfile: "node" });
  const redeem = async (bootstrapToken: string) => {
    using client = await connectDevice(gateway.port, makeDevice(), {
      auth: { bootstrapToken },
      role: "node",
      scopes: ["operator.admin"],
      client: phone,
    });
    return client.answer.payload.auth;
  };
  const asLimited = await redeem(limited.code.bootstrapToken);
  assert.ok(!asLimited.deviceTokens[0].scopes.includes("operator.admin"));
  assert.deepEqual(asLimited.scopes, []);
  assert.equal("deviceTokens" in (await redeem(node.code.bootstrapToken)), false);
});

test("a code that nobody could use is not made", async () => {
  const loopback = await owner.request("device.pair.setupCode", {});
  assert.match(loopback.error.message, /only bound to loopback/);
  assert.match(loopback.error.details.hint, /openclaw config set gateway.bind lan/);
  const plain = await owner.request("device.pair.setupCode", { publicUrl: "http://claw.example.net" });
  assert.match(plain.error.message, /has to begin with wss:\/\/ or https:\/\//);
  using reader = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.pairing"] });
  const denied = await reader.request("device.pair.setupCode", PUBLIC);
  assert.equal(denied.error.message, "missing scope: operator.admin");
  assert.ok(!reader.hello.features.methods.includes("device.pair.setupCode"));
});

test("over a network in the clear nobody becomes administrator", async () => {
  await using lan = await openGateway({ config: { gateway: { bind: "custom", customBindHost: "0.0.0.0" } } });
  using admin = await connectWire(lan.port, { token: lan.token, scopes: ["operator.admin"] });
  const { payload, error } = await admin.request("device.pair.setupCode", {});
  // A machine without any network has no address to put into a code.
  if (error) return assert.match(error.message, /only bound to loopback/);
  assert.equal(payload.access, "limited");
  assert.equal(payload.accessDowngraded, true);
});

test("the QR code is a PNG, and text for a terminal", async () => {
  const { qrDataUrl, setupCode } = await newCode({ ...PUBLIC, includeQr: true });
  assert.equal(qrDataUrl, `data:image/png;base64,${qrPng(setupCode).toString("base64")}`);
  const png = qrPng("openclaw");
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  assert.equal(png.readUInt32BE(16), png.readUInt32BE(20));
  assert.match(qrText("openclaw"), /[▀▄█]/);
});

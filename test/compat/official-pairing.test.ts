import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { GatewayClient } from "@openclaw/gateway-client";
import {
  DevicePairRequestedEventSchema,
  DevicePairResolvedEventSchema,
  DevicePairSetupCodeResultSchema,
  DevicePairSetupStatusResultSchema,
  DeviceTokenRotateResultSchema,
  HelloOkSchema,
} from "@openclaw/gateway-protocol/schema";
import { Value } from "typebox/value";
import { noOuterAddress, outerAddress } from "../kit/address.ts";
import { connectDevice, ELSEWHERE, makeDevice } from "../kit/device.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { until } from "../kit/until.ts";
import { connectWire } from "../kit/wire.ts";

interface Stored {
  token: string;
  scopes?: string[];
}

/** A foreign program with its own key and storage, as the published package expects them of its host. */
function makeHost() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = (pem: string) => createPublicKey(pem).export({ type: "spki", format: "der" }).subarray(-32);
  const publicKeyPem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const deviceId = createHash("sha256").update(raw(publicKeyPem)).digest("hex");
  const store = new Map<string, Stored>();
  return {
    deviceId,
    store,
    deviceIdentity: { deviceId, publicKeyPem, privateKeyPem },
    hostDeps: {
      signDevicePayload: (pem: string, payload: string) =>
        sign(null, Buffer.from(payload), pem).toString("base64url"),
      publicKeyRawBase64UrlFromPem: (pem: string) => raw(pem).toString("base64url"),
      loadDeviceAuthToken: ({ role }: { role: string }) => store.get(role) ?? null,
      storeDeviceAuthToken: ({ role, token, scopes }: { role: string } & Stored) =>
        void store.set(role, { token, ...(scopes && { scopes }) }),
      clearDeviceAuthToken: ({ role }: { role: string }) => void store.delete(role),
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a foreign client's view of errors and hellos
type Foreign = any;

async function connect(
  gateway: TestGateway,
  host: ReturnType<typeof makeHost>,
  options: { token?: string; scopes?: string[] },
) {
  const outcome = Promise.withResolvers<{ hello?: Foreign; error?: Foreign }>();
  const errors: Foreign[] = [];
  const client = new GatewayClient({
    url: `wss://${outerAddress}:${gateway.port}`,
    tlsFingerprint: gateway.running.services.listening().fingerprint,
    minProtocol: 4,
    maxProtocol: 4,
    scopes: options.scopes ?? ["operator.read"],
    ...(options.token !== undefined && { token: options.token }),
    deviceIdentity: host.deviceIdentity,
    hostDeps: host.hostDeps,
    onHelloOk: (hello: unknown) => outcome.resolve({ hello }),
    onConnectError: (error: Error) => {
      errors.push(error);
      // It may have one more try up its sleeve.
      setTimeout(() => outcome.resolve({ error }), 1_500).unref();
    },
  } as never);
  client.start();
  const result = await outcome.promise;
  return { ...result, errors, client, [Symbol.dispose]: () => client.stop() };
}

const codeOf = (error: Foreign) => error?.details?.code;

test("[auth-retry-with-device-token] [devtok-plain] the official client pairs over the network, is approved, reconnects by its token, retries once, and pairs again", {
  skip: noOuterAddress,
}, async () => {
  await using gateway = await openGateway({
    config: { gateway: { bind: "custom", customBindHost: "0.0.0.0", tls: { enabled: true } } },
  });
  const host = makeHost();
  const devices = await gateway.running.services.devices.open();
  const owner = { scopes: new Set(["operator.admin"]), deviceId: undefined };

  {
    using waiting = await connect(gateway, host, { token: gateway.token });
    assert.equal(codeOf(waiting.error), "PAIRING_REQUIRED");
    const { requestId } = waiting.error.details;
    devices.approve(owner, requestId);
    // It was told to keep trying, and comes in without being started again.
    await until("the waiting client is let in", () => host.store.has("operator"));
  }
  {
    using stored = await connect(gateway, host, {});
    assert.equal(stored.hello?.auth.method, "device-token", JSON.stringify(stored.error));
    assert.deepEqual(stored.hello.auth.scopes, ["operator.read"]);
  }
  {
    using retried = await connect(gateway, host, { token: "not-the-token" });
    assert.equal(codeOf(retried.errors[0]), "AUTH_TOKEN_MISMATCH");
    assert.equal(retried.hello?.auth.method, "device-token", "one trusted retry with the stored token");
  }
  devices.rotate(owner, { deviceId: host.deviceId, role: "operator" });
  {
    using stale = await connect(gateway, host, { token: "not-the-token" });
    assert.equal(stale.hello, undefined);
    assert.deepEqual(stale.errors.map(codeOf), ["AUTH_TOKEN_MISMATCH", "AUTH_DEVICE_TOKEN_MISMATCH"]);
    assert.equal(host.store.has("operator"), false, "it has forgotten the stale token");
  }
  {
    using healed = await connect(gateway, host, { token: gateway.token });
    assert.equal(healed.hello?.auth.method, "token");
    assert.ok(host.store.get("operator"));
  }
  devices.remove(owner, host.deviceId);
  using again = await connect(gateway, host, { token: gateway.token });
  assert.equal(codeOf(again.error), "PAIRING_REQUIRED", "a removed device makes a new request");
});

test("answers and events about devices satisfy the published schema", async () => {
  await using gateway = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
  using owner = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
  const device = makeDevice();
  using client = await connectDevice(gateway.port, device, { token: gateway.token }, ELSEWHERE);
  const requested = await owner.next((frame) => frame.event === "device.pair.requested");
  conforms("requested", DevicePairRequestedEventSchema, without(requested.payload, "reason"));
  await owner.request("device.pair.approve", { requestId: client.answer.error.details.requestId });
  const resolved = await owner.next((frame) => frame.event === "device.pair.resolved");
  conforms("resolved", DevicePairResolvedEventSchema, resolved.payload);
  using paired = await connectDevice(gateway.port, device, { token: gateway.token }, ELSEWHERE);
  const { method: _, ...auth } = paired.answer.payload.auth;
  conforms("hello", HelloOkSchema, { ...paired.answer.payload, auth });
  const rotated = await owner.request("device.token.rotate", { deviceId: device.id, role: "operator" });
  conforms("rotate", DeviceTokenRotateResultSchema, rotated.payload);
  const setup = await owner.request("device.pair.setupCode", {
    publicUrl: "wss://claw.example.net",
    includeQr: true,
  });
  conforms("setupCode", DevicePairSetupCodeResultSchema, setup.payload);
  const status = await owner.request("device.pair.setupStatus", { setupId: setup.payload.setupId });
  conforms("setupStatus", DevicePairSetupStatusResultSchema, status.payload);
});

/** Why a device waits came after the published schema. */
function without(value: Record<string, unknown>, key: string): Record<string, unknown> {
  const { [key]: _, ...rest } = value;
  return rest;
}

function conforms(name: string, schema: unknown, value: unknown): void {
  const problems = [...Value.Errors(schema as never, value as never)];
  assert.deepEqual(problems, [], `${name}: ${JSON.stringify(value)}`);
}

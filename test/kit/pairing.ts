import assert from "node:assert/strict";
import { connectDevice, type Device, makeDevice } from "./device.ts";
import { openGateway, type TestGateway } from "./gateway.ts";
import { connectWire, type WireClient, type WireFrame } from "./wire.ts";

/** A gateway with its owner connected, and what a test about devices does again and again. */
export interface PairingFixture extends AsyncDisposable {
  gateway: TestGateway;
  owner: WireClient;
  /** The credential every device needs besides its key. */
  secret(): { token: string };
  /** Paired on this machine with these scopes; what the device keeps of it. */
  pairHere(
    scopes: string[],
    more?: Record<string, unknown>,
  ): Promise<{ device: Device; deviceToken: string }>;
  approve(requestId: string): Promise<WireFrame>;
  /** Lines of the log that fit. */
  logged(pattern: RegExp): string[];
}

export async function openPairing(): Promise<PairingFixture> {
  // Requests straight from this machine carry no such header and stay local.
  const gateway = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
  const owner = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
  const secret = () => ({ token: gateway.token });
  return {
    gateway,
    owner,
    secret,
    async pairHere(scopes, more = {}) {
      const device = makeDevice();
      using client = await connectDevice(gateway.port, device, { ...secret(), scopes, ...more });
      assert.equal(client.answer.ok, true, JSON.stringify(client.answer.error));
      return { device, deviceToken: client.answer.payload.auth.deviceToken as string };
    },
    approve: (requestId) => owner.request("device.pair.approve", { requestId }),
    logged: (pattern) => gateway.console.filter((line) => pattern.test(line)),
    async [Symbol.asyncDispose]() {
      owner[Symbol.dispose]();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

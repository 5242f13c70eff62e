import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { payloadV3 } from "../../src/access/device-proof.ts";
import { type ConnectOverrides, connectParams, openWire, type WireClient, type WireFrame } from "./wire.ts";

/** A device with its own key that signs connect requests as clients do (protocol.md §5.2). */
export interface Device {
  id: string;
  sign(params: Record<string, unknown>, challenge: { nonce: string; ts: number }): Record<string, unknown>;
}

export function makeDevice(): Device {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const id = createHash("sha256").update(raw).digest("hex");
  return {
    id,
    sign(params, { nonce, ts }) {
      const { client, role, scopes, auth } = params as {
        client: { id: string; mode: string; platform: string; deviceFamily?: string };
        role?: string;
        scopes: string[];
        auth?: { token?: string; deviceToken?: string; bootstrapToken?: string };
      };
      const payload = payloadV3(
        { id, signedAt: ts, nonce },
        {
          clientId: client.id,
          clientMode: client.mode,
          role: role ?? "operator",
          scopes,
          token: auth?.token ?? auth?.deviceToken ?? auth?.bootstrapToken ?? "",
          platform: client.platform,
          deviceFamily: client.deviceFamily ?? "",
        },
      );
      const signature = sign(null, Buffer.from(payload), privateKey).toString("base64url");
      return {
        ...params,
        device: { id, publicKey: raw.toString("base64url"), signature, signedAt: ts, nonce },
      };
    },
  };
}

/** What a proxy in front of the gateway says of a client from elsewhere. */
export const ELSEWHERE = { "x-forwarded-for": "203.0.113.9" } as const;

/** Connects with a proof of this device; whether it is let in is the caller's question. */
export async function connectDevice(
  port: number,
  device: Device,
  overrides: ConnectOverrides = {},
  headers: Record<string, string> = {},
): Promise<WireClient & { answer: WireFrame }> {
  const client = await openWire(port, headers);
  const { payload } = await client.next((frame) => frame.event === "connect.challenge");
  const answer = await client.request("connect", device.sign(connectParams(overrides), payload));
  return { ...client, answer };
}

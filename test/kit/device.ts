import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { payloadV3 } from "../../src/access/device-proof.ts";

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
        auth?: { token?: string; deviceToken?: string };
      };
      const payload = payloadV3(
        { id, signedAt: ts, nonce },
        {
          clientId: client.id,
          clientMode: client.mode,
          role: role ?? "operator",
          scopes,
          token: auth?.token ?? auth?.deviceToken ?? "",
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

import { createHash, createPublicKey, verify } from "node:crypto";
import type { ConnectDetail } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/limits.ts";

/** The `device` part of a connect request (protocol.md §5.1, §5.2). Keys and signatures are base64url. */
export interface DeviceClaim {
  id: string;
  publicKey: string;
  signature: string;
  signedAt: number;
  nonce: string;
}

/** The fields of the connect request that the signature covers, exactly as they were sent. */
export interface SignedContext {
  clientId: string;
  clientMode: string;
  role: string;
  scopes: readonly string[];
  token: string;
  platform: string;
  deviceFamily: string;
}

export type DeviceVerdict =
  | { kind: "proven"; deviceId: string }
  | { kind: "refused"; detail: ConnectDetail; message: string; reason: string };

// DER header of an Ed25519 SubjectPublicKeyInfo; the 32 key bytes follow.
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Pure: same claim, same challenge, same time, same verdict. Checks in the order of protocol.md §5.2. */
export function verifyDevice(
  claim: DeviceClaim,
  context: SignedContext,
  challengeNonce: string,
  nowMs: number,
): DeviceVerdict {
  if (claim.nonce.trim() === "") {
    return refused("DEVICE_AUTH_NONCE_REQUIRED", "device nonce required", "device-nonce-missing");
  }
  const key = Buffer.from(claim.publicKey, "base64url");
  if (key.length !== 32 || createHash("sha256").update(key).digest("hex") !== claim.id) {
    return refused("DEVICE_AUTH_DEVICE_ID_MISMATCH", "device identity mismatch", "device-id-mismatch");
  }
  if (Math.abs(nowMs - claim.signedAt) > LIMITS.deviceSignatureSkewMs) {
    return refused("DEVICE_AUTH_SIGNATURE_EXPIRED", "device signature expired", "device-signature-stale");
  }
  if (claim.nonce !== challengeNonce) {
    return refused("DEVICE_AUTH_NONCE_MISMATCH", "device nonce mismatch", "device-nonce-mismatch");
  }
  const signature = Buffer.from(claim.signature, "base64url");
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: "der", type: "spki" });
  const signed = [payloadV3(claim, context), payloadV2(claim, context)];
  if (!signed.some((payload) => verify(null, Buffer.from(payload), publicKey, signature))) {
    return refused("DEVICE_AUTH_SIGNATURE_INVALID", "device signature invalid", "device-signature");
  }
  return { kind: "proven", deviceId: claim.id };
}

function refused(detail: ConnectDetail, message: string, reason: string): DeviceVerdict {
  return { kind: "refused", detail, message, reason };
}

export function payloadV3(
  claim: Pick<DeviceClaim, "id" | "signedAt" | "nonce">,
  context: SignedContext,
): string {
  const normalize = (value: string) => value.trim().toLowerCase();
  return ["v3", ...shared(claim, context), normalize(context.platform), normalize(context.deviceFamily)].join(
    "|",
  );
}

function payloadV2(claim: DeviceClaim, context: SignedContext): string {
  return ["v2", ...shared(claim, context)].join("|");
}

function shared(claim: Pick<DeviceClaim, "id" | "signedAt" | "nonce">, context: SignedContext): string[] {
  return [
    claim.id,
    context.clientId,
    context.clientMode,
    context.role,
    context.scopes.join(","),
    String(claim.signedAt),
    context.token,
    claim.nonce,
  ];
}

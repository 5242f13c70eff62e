import { randomBytes, timingSafeEqual } from "node:crypto";
import { sha256Hex } from "../../platform/files.ts";
import type { Role } from "../../protocol/scopes.ts";
import type { DeviceRoom } from "./announce.ts";
import { grantOf, type TokenRecord } from "./records.ts";

/** A client that has lost its storage gets one more; the others of the same device stay good for a while. */
const LIVE_TOKENS = 4;
const TOKEN_BYTES = 32;
/** Longer texts are not hashed: they are none of ours. */
const MAX_TOKEN_CHARS = 256;

export interface IssuedToken {
  token: string;
  role: Role;
  scopes: string[];
  issuedAtMs: number;
}

export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** Sent once and kept as a hash. The one that was not used for longest gives way. Call inside a transaction. */
export function issueToken(
  { store, clock }: Pick<DeviceRoom, "store" | "clock">,
  { deviceId, role, scopes }: { deviceId: string; role: Role; scopes: readonly string[] },
): IssuedToken {
  const issuedAtMs = clock.now();
  const live = store.tokens(deviceId, role).sort((a, b) => lastOf(a) - lastOf(b));
  for (const { hash } of live.slice(0, Math.max(0, live.length - LIVE_TOKENS + 1))) store.dropToken(hash);
  const token = newToken();
  store.addToken({ hash: sha256Hex(token), deviceId, role, scopes: [...scopes], createdAtMs: issuedAtMs });
  return { token, role, scopes: [...scopes], issuedAtMs };
}

/** The live token that this is, if it belongs to this device and role; compared in constant time. */
export function findToken(
  { store }: Pick<DeviceRoom, "store">,
  { deviceId, role, token }: { deviceId: string; role: Role; token: string },
): TokenRecord | undefined {
  if (token.length > MAX_TOKEN_CHARS) return undefined;
  const grant = grantOf(store.find(deviceId), role);
  if (!grant || grant.revokedAtMs !== undefined) return undefined;
  const shown = Buffer.from(sha256Hex(token), "hex");
  return store.tokens(deviceId, role).find(({ hash }) => timingSafeEqual(Buffer.from(hash, "hex"), shown));
}

function lastOf({ createdAtMs, lastUsedAtMs = 0 }: TokenRecord): number {
  return Math.max(createdAtMs, lastUsedAtMs);
}

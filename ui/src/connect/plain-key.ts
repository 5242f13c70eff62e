import { getPublicKey, hashes, sign as signWith, utils } from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";

/** The same key without WebCrypto, which browsers offer on secure origins only. Loaded there alone. */
hashes.sha512 = sha512;

export { sha256 };

export async function makeKey(): Promise<{ publicKey: Uint8Array; privateKey: Uint8Array }> {
  const privateKey = utils.randomSecretKey();
  return { privateKey, publicKey: getPublicKey(privateKey) };
}

export function sign(bytes: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return signWith(bytes, privateKey);
}

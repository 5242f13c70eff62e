import type { Challenge, SignedParams } from "../../../src/protocol/client.ts";

/** The key by which the gateway knows this browser. */
export interface DeviceKey {
  deviceId: string;
  /** Base64url of the raw 32 bytes. */
  publicKey: string;
  sign(text: string): Promise<Uint8Array>;
}

/** What IndexedDB holds: a key that scripts can use and not read, or on insecure origins the seed itself. */
interface KeptKey {
  publicKey: Uint8Array;
  privateKey: CryptoKey | Uint8Array;
}

const DATABASE = "openclaw";
const STORE = "device";

/** Undefined where the browser makes no key and `mayBePlain` does not allow one in plain JavaScript. */
export async function openDeviceKey(mayBePlain: () => Promise<boolean>): Promise<DeviceKey | undefined> {
  const database = await openDatabase();
  const kept = database && (await read(database));
  if (kept && (kept.privateKey instanceof Uint8Array || subtle)) return await usable(kept);
  const made = subtle
    ? await makeKey(subtle)
    : (await mayBePlain())
      ? await (await plain()).makeKey()
      : undefined;
  // Another tab may have made one meanwhile; the first one counts, and a plain one gives way to a better.
  const settledOn = made && database ? await keep(database, made, kept !== undefined) : made;
  return settledOn && (await usable(settledOn));
}

const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle;
const plain = () => import("./plain-key.ts");

async function makeKey(crypto: SubtleCrypto): Promise<KeptKey> {
  const pair = (await crypto.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  return {
    publicKey: new Uint8Array(await crypto.exportKey("raw", pair.publicKey)),
    privateKey: pair.privateKey,
  };
}

async function usable({ publicKey, privateKey }: KeptKey): Promise<DeviceKey> {
  const hash = subtle
    ? new Uint8Array(await subtle.digest("SHA-256", publicKey as Uint8Array<ArrayBuffer>))
    : (await plain()).sha256(publicKey);
  return {
    deviceId: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    publicKey: base64url(publicKey),
    async sign(text) {
      const bytes = new TextEncoder().encode(text);
      if (privateKey instanceof Uint8Array) return (await plain()).sign(bytes, privateKey);
      return new Uint8Array(await subtle!.sign("Ed25519", privateKey, bytes));
    },
  };
}

/** The `device` of a `connect`: the signature covers what is asked for and with which credential (protocol.md §5.2). */
export async function proveDevice(
  { deviceId, publicKey, sign }: DeviceKey,
  { nonce, ts }: Challenge,
  { client, role, scopes, auth }: SignedParams,
): Promise<Record<string, unknown>> {
  const token = auth.token ?? auth.deviceToken ?? "";
  const signed = [
    ...["v3", deviceId, client.id, client.mode, role, scopes.join(","), ts, token, nonce],
    client.platform.trim().toLowerCase(),
    "",
  ].join("|");
  return { id: deviceId, publicKey, signature: base64url(await sign(signed)), signedAt: ts, nonce };
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Undefined where the browser keeps nothing: the key then lasts as long as the page. */
async function openDatabase(): Promise<IDBDatabase | undefined> {
  try {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return await settled(request);
  } catch {
    return undefined;
  }
}

async function read(database: IDBDatabase): Promise<KeptKey | undefined> {
  return await settled(database.transaction(STORE).objectStore(STORE).get("key"));
}

async function keep(database: IDBDatabase, key: KeptKey, replace: boolean): Promise<KeptKey> {
  const store = database.transaction(STORE, "readwrite").objectStore(STORE);
  if (!replace) {
    const first: KeptKey | undefined = await settled(store.get("key"));
    if (first) return first;
  }
  await settled(store.put(key, "key"));
  return key;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

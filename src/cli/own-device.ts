import { createHash, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { payloadV3 } from "../access/device-proof.ts";
import { readFileIfExists, writeFileAtomic } from "../platform/files.ts";
import { ensureStateDirs, type Paths } from "../platform/paths.ts";
import type { Challenge, SignedParams } from "../protocol/client.ts";
import { isRecord } from "../protocol/frames.ts";

/** A token a gateway gave this device. */
export interface OwnToken {
  token: string;
  scopes: string[];
  updatedAtMs: number;
}

/** This user's commands as a device: one key, and one token for each gateway it was paired with. */
export interface OwnDevice {
  id: string;
  /** Signs a connect (protocol.md §5.2). */
  prove(challenge: Challenge, params: SignedParams): Record<string, unknown>;
  tokenFor(origin: string): OwnToken | undefined;
  keepToken(origin: string, token: OwnToken): void;
  forgetToken(origin: string): void;
}

interface OwnDeviceFile {
  version: 1;
  privateKey: string;
  createdAtMs: number;
  /** By origin, `ws[s]://host:port`: a token is shown to nobody but the gateway it came from. */
  tokens: Record<string, OwnToken>;
}

/** Undefined where these commands never needed a key yet. */
export function findOwnDevice(paths: Paths): OwnDevice | undefined {
  const file = readOwn(paths);
  return file && toDevice(file, paths);
}

/** The key of these commands; a new one is kept once a gateway asks for a proof, so that looking leaves nothing behind. */
export function openOwnDevice(paths: Paths): OwnDevice {
  const known = readOwn(paths);
  if (known) return toDevice(known, paths);
  const { privateKey } = generateKeyPairSync("ed25519");
  const file: OwnDeviceFile = {
    version: 1,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    createdAtMs: Date.now(),
    tokens: {},
  };
  const device = toDevice(file, paths);
  return {
    ...device,
    prove(challenge, params) {
      if (!readOwn(paths)) {
        ensureStateDirs(paths);
        writeOwn(paths, file);
      }
      return device.prove(challenge, params);
    },
  };
}

function toDevice({ privateKey: pem, tokens }: OwnDeviceFile, paths: Paths): OwnDevice {
  const privateKey = createPrivateKey(pem);
  const jwk = privateKey.export({ format: "jwk" });
  const publicKey = jwk.x!;
  const id = createHash("sha256").update(Buffer.from(publicKey, "base64url")).digest("hex");

  function change(edit: (tokens: Record<string, OwnToken>) => void): void {
    // Another command may have kept a token of another gateway meanwhile.
    const now = readOwn(paths);
    if (!now || now.privateKey !== pem) return;
    edit(now.tokens);
    writeOwn(paths, now);
  }

  return {
    id,
    prove({ nonce, ts }, { client, role, scopes, auth }) {
      const payload = payloadV3(
        { id, signedAt: ts, nonce },
        {
          clientId: client.id,
          clientMode: client.mode,
          role,
          scopes,
          token: auth.token ?? auth.deviceToken ?? "",
          platform: client.platform,
          deviceFamily: "",
        },
      );
      const signature = sign(null, Buffer.from(payload), privateKey).toString("base64url");
      return { id, publicKey, signature, signedAt: ts, nonce };
    },
    tokenFor: (origin) => (Object.hasOwn(tokens, origin) ? tokens[origin] : undefined),
    keepToken: (origin, token) =>
      change((all) => {
        all[origin] = token;
      }),
    forgetToken: (origin) =>
      change((all) => {
        delete all[origin];
      }),
  };
}

/** A file that was damaged is as good as none: a new key is a new device. */
function readOwn({ ownDeviceFile }: Paths): OwnDeviceFile | undefined {
  try {
    const file: unknown = JSON.parse(readFileIfExists(ownDeviceFile) ?? "");
    if (!isRecord(file) || typeof file.privateKey !== "string" || !isRecord(file.tokens)) return undefined;
    createPrivateKey(file.privateKey);
    return file as unknown as OwnDeviceFile;
  } catch {
    return undefined;
  }
}

function writeOwn({ ownDeviceFile }: Paths, file: OwnDeviceFile): void {
  writeFileAtomic(ownDeviceFile, `${JSON.stringify(file, null, 2)}\n`);
}

/** What tokens are kept under. */
export function originOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${hostname}:${port || (protocol === "wss:" ? "443" : "80")}`;
}

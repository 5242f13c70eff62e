import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../platform/clock.ts";
import { Fault } from "../platform/fault.ts";
import { writeFileAtomic } from "../platform/files.ts";
import { storageFault } from "../platform/storage-fault.ts";

/** Where the certificate of the listener comes from. */
export type TlsWish = { kind: "files"; certPath: string; keyPath: string } | { kind: "own"; dir: string };

export interface TlsMaterial {
  cert: string;
  key: string;
  /** What clients pin; `AA:BB:…`. */
  fingerprint: string;
}

export const OWN_CERT = "cert.pem";
const OWN_KEY = "key.pem";
/** A certificate that runs out sooner is made anew at the start. */
const RENEW_BEFORE_MS = 30 * 86_400_000;

/** Reads the certificate, or makes one of its own the first time. Throws `Fault` (78) for one that cannot be used. */
export async function loadTls(wish: TlsWish, clock: Clock): Promise<TlsMaterial> {
  if (wish.kind === "files") return check(read(wish.certPath), read(wish.keyPath), wish.certPath);
  const [certPath, keyPath] = [join(wish.dir, OWN_CERT), join(wish.dir, OWN_KEY)];
  if (existsSync(certPath) && existsSync(keyPath)) {
    try {
      const kept = check(read(certPath), read(keyPath), certPath);
      const { validToDate } = new X509Certificate(kept.cert);
      if (validToDate.getTime() - clock.now() > RENEW_BEFORE_MS) return kept;
    } catch (error) {
      // What it made itself it may make again; a file that cannot be read it may not replace.
      if (!(error instanceof Fault) || !error.message.startsWith("gateway.tls: ")) throw error;
    }
  }
  const { makeSelfSigned } = await import("./self-signed.ts");
  const made = await makeSelfSigned(clock.now());
  try {
    mkdirSync(wish.dir, { recursive: true, mode: 0o700 });
    writeFileAtomic(keyPath, made.key);
    writeFileAtomic(certPath, made.cert);
  } catch (error) {
    throw storageFault({ error, path: wish.dir, ours: wish.dir }) ?? error;
  }
  return check(made.cert, made.key, certPath);
}

/** Tried out at once: a pair that does not fit would otherwise fail with the first client. */
function check(cert: string, key: string, certPath: string): TlsMaterial {
  const { createSecureContext } = process.getBuiltinModule("node:tls");
  try {
    createSecureContext({ cert, key });
    return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 };
  } catch (cause) {
    throw new Fault(
      `gateway.tls: the certificate ${certPath} and its key cannot be used: ${(cause as Error).message}`,
      {
        why: "both have to be PEM, and the key that of the certificate",
        fix: "openclaw config set gateway.tls.autoGenerate true && openclaw config unset gateway.tls.certPath && openclaw config unset gateway.tls.keyPath",
        exitCode: 78,
        cause,
      },
    );
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new Fault(`gateway start blocked: cannot read ${path}: ${(cause as Error).message}`, {
      why: "it is named in gateway.tls",
      fix: "openclaw config get gateway.tls",
      exitCode: 78,
      cause,
    });
  }
}

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

/** SHA-256 of a certificate as people compare it, `AA:BB:…`; undefined where there is none that can be read. */
export function certificateFingerprint(certPath: string): string | undefined {
  try {
    return new X509Certificate(readFileSync(certPath)).fingerprint256;
  } catch {
    return undefined;
  }
}

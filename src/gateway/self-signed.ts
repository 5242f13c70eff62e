import { generateKeyPair, randomBytes } from "node:crypto";
import { hostname, networkInterfaces } from "node:os";
import { promisify } from "node:util";
import forge from "node-forge/lib/forge.js";
// It puts itself and what it needs into the object above.
import "node-forge/lib/pki.js";

/** Long, because clients pin it: a new one means telling every client. */
const VALID_DAYS = 3_650;

/**
 * A certificate for the names and addresses of this machine, and its key, as PEM. Node makes keys but no certificates,
 * which is what `node-forge` is for.
 */
export async function makeSelfSigned(nowMs: number): Promise<{ cert: string; key: string }> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // Positive and of at most 20 bytes, as RFC 5280 wants it.
  certificate.serialNumber = `01${randomBytes(15).toString("hex")}`;
  certificate.validity.notBefore = new Date(nowMs - 3_600_000);
  certificate.validity.notAfter = new Date(nowMs + VALID_DAYS * 86_400_000);
  const name = [{ name: "commonName", value: "OpenClaw gateway" }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectAltName", altNames: ownNames() },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: privateKey };
}

function ownNames(): ({ type: 2; value: string } | { type: 7; ip: string })[] {
  const addresses = Object.values(networkInterfaces()).flatMap((cards = []) =>
    cards
      .map(({ address }) => address)
      .filter((address) => !address.includes("%") && !address.startsWith("fe80:")),
  );
  const names = [...new Set(["localhost", hostname()])].filter((name) => /^[\w.-]{1,253}$/.test(name));
  return [
    ...names.map((value) => ({ type: 2 as const, value })),
    ...[...new Set(["127.0.0.1", "::1", ...addresses])].map((ip) => ({ type: 7 as const, ip })),
  ];
}

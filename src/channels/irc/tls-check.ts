import type { TLSSocket } from "node:tls";
import { ChannelFault } from "../channel.ts";

/** `AA:BB:…` or the same without colons, in any case. */
export const plainFingerprint = (text: string): string => text.replaceAll(/[:\s]/g, "").toUpperCase();

const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet; is the clock of this machine right?",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "nobody this machine trusts has signed it",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "nobody this machine trusts has signed it",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "nobody this machine trusts has signed it",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another name",
};

/**
 * Why nothing may be said over this connection; undefined when it may. A pinned certificate has to be exactly that one, and
 * needs nobody else's signature.
 */
export function certificateFault(
  socket: TLSSocket,
  pin: string | undefined,
  path: string,
): ChannelFault | undefined {
  const seen = socket.getPeerX509Certificate()?.fingerprint256;
  if (pin !== undefined) {
    if (seen && plainFingerprint(seen) === plainFingerprint(pin)) return undefined;
    return refused(`it is not the pinned one, but ${seen ?? "none"}`, seen, path);
  }
  if (socket.authorized) return undefined;
  // A code, although the types say Error.
  const code = String(socket.authorizationError ?? "unknown");
  return refused(WORDS[code] ?? code, seen, path);
}

function refused(why: string, seen: string | undefined, path: string): ChannelFault {
  const fix = seen && `openclaw config set ${path}.tls.fingerprint ${seen}`;
  const advice = seen ? `; if its operator confirms SHA-256 ${seen}, pin it` : "";
  return new ChannelFault("protocol", `the server's certificate is refused: ${why}${advice}`, { fix });
}

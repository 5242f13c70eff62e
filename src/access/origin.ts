import type { IncomingMessage } from "node:http";
import { isLoopback } from "../platform/network.ts";

export interface Perimeter {
  trustedProxies: readonly string[];
  allowedOrigins: readonly string[];
  /** The gateway listens on loopback addresses only. */
  loopbackOnly: boolean;
}

export interface ClientAddress {
  ip: string;
  /** Came straight from this machine: no proxy in between. Only such clients get local privileges. */
  localDirect: boolean;
}

export type Attribution =
  | { kind: "known"; client: ClientAddress }
  /** A stranger sent forwarding headers: nobody can say who the client is. */
  | { kind: "unattributable"; peer: string };

const FORWARDING = [
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "forwarded",
  "x-real-ip",
] as const;

/** Who is really calling (protocol.md §4.6). Forwarding headers count only from a listed proxy. */
export function attributeClient(request: IncomingMessage, perimeter: Perimeter): Attribution {
  const peer = normalizeAddress(request.socket.remoteAddress ?? "");
  if (!FORWARDING.some((header) => request.headers[header] !== undefined)) {
    return { kind: "known", client: { ip: peer, localDirect: isLoopback(peer) } };
  }
  if (!perimeter.trustedProxies.includes(peer)) return { kind: "unattributable", peer };
  return { kind: "known", client: { ip: forwardedFor(request, perimeter) ?? peer, localDirect: false } };
}

/** The address of the listed proxy a request came through, if it did. */
export function proxyOf(request: IncomingMessage, { trustedProxies }: Perimeter): string | undefined {
  const peer = normalizeAddress(request.socket.remoteAddress ?? "");
  const isForwarded = FORWARDING.some((header) => request.headers[header] !== undefined);
  return isForwarded && trustedProxies.includes(peer) ? peer : undefined;
}

/** The nearest address in X-Forwarded-For that is not one of our own proxies: what lies further left is hearsay. */
function forwardedFor(request: IncomingMessage, perimeter: Perimeter): string | undefined {
  const header = request.headers["x-forwarded-for"];
  const hops = (Array.isArray(header) ? header.join(",") : (header ?? ""))
    .split(",")
    .map((hop) => hop.trim());
  for (const hop of hops.reverse()) {
    if (hop !== "" && !perimeter.trustedProxies.includes(hop)) return normalizeAddress(hop);
  }
  return undefined;
}

export function normalizeAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}

const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "::1"]);

/** Stops DNS rebinding: on a loopback bind only loopback names and configured origins may appear as Host. */
export function hostAllowed(request: IncomingMessage, perimeter: Perimeter, client: ClientAddress): boolean {
  if (!perimeter.loopbackOnly || !client.localDirect) return true;
  const host = hostName(request.headers.host);
  if (host === undefined) return false;
  if (LOOPBACK_NAMES.has(host)) return true;
  return perimeter.allowedOrigins.some((origin) => URL.parse(origin)?.hostname === host);
}

function hostName(header: string | undefined): string | undefined {
  const url = header === undefined ? null : URL.parse(`http://${header}`);
  if (!url) return undefined;
  return url.hostname.replace(/^\[|\]$/g, "");
}

export type OriginVerdict = "absent" | "allowed" | "denied";

/**
 * A page may connect only from a configured origin or from the gateway's own address.
 * Another port on localhost is another program, so it is denied like any stranger (AUTH-19).
 */
export function checkOrigin(request: IncomingMessage, perimeter: Perimeter): OriginVerdict {
  const header = request.headers.origin;
  if (header === undefined) return "absent";
  const origin = URL.parse(header);
  if (!origin || origin.origin === "null") return "denied";
  if (perimeter.allowedOrigins.some((allowed) => URL.parse(allowed)?.origin === origin.origin))
    return "allowed";
  return origin.host === (request.headers.host ?? "") ? "allowed" : "denied";
}

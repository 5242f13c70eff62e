import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { isLoopback } from "../platform/network.ts";

export interface Perimeter {
  /** Addresses and networks such as 10.0.0.0/8. */
  trustedProxies: readonly string[];
  allowedOrigins: readonly string[];
  /** The gateway listens on loopback addresses only. */
  loopbackOnly: boolean;
  /** X-Real-IP of a listed proxy counts where it sends no X-Forwarded-For. */
  allowRealIpFallback: boolean;
  /** `tailscale serve` on this machine may pass on clients of the tailnet. */
  allowTailscale: boolean;
}

export interface ClientAddress {
  /** Never an address of this machine for a client that came through a proxy; "unknown" where nothing else is known. */
  ip: string;
  /** Came straight from this machine: no proxy in between. Only such clients get local privileges. */
  localDirect: boolean;
  /** Passed on by `tailscale serve`, with the login it names; not believed before Tailscale itself has confirmed it. */
  tailscale?: { login: string | undefined };
}

export type Attribution =
  | { kind: "known"; client: ClientAddress }
  /** A stranger sent forwarding headers: nobody can say who the client is. */
  | { kind: "unattributable"; peer: string };

const FORWARDING = [
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-forwarded-server",
  "forwarded",
  "x-real-ip",
] as const;

/** They do not say who the client is, but that somebody is in between: nobody is local then (AUTH-11). */
const IN_BETWEEN = [
  ...FORWARDING,
  "via",
  "cf-connecting-ip",
  "true-client-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-original-forwarded-for",
  "tailscale-user-login",
] as const;

/** Who is really calling (protocol.md §4.6). Forwarding headers count only from a listed proxy. */
export function attributeClient(request: IncomingMessage, perimeter: Perimeter): Attribution {
  const { headers, socket } = request;
  const peer = normalizeAddress(socket.remoteAddress ?? "");
  if (!FORWARDING.some((header) => headers[header] !== undefined)) {
    const inBetween = IN_BETWEEN.some((header) => headers[header] !== undefined);
    return { kind: "known", client: { ip: peer, localDirect: isLoopback(peer) && !inBetween } };
  }
  if (!isListed(peer, perimeter.trustedProxies)) {
    const client = perimeter.allowTailscale && isLoopback(peer) ? servedByTailscale(request) : undefined;
    return client ? { kind: "known", client } : { kind: "unattributable", peer };
  }
  const ip = forwardedFor(request, perimeter) ?? (isLoopback(peer) ? "unknown" : peer);
  return { kind: "known", client: { ip, localDirect: false } };
}

/** The address of the listed proxy a request came through, if it did. */
export function proxyOf(request: IncomingMessage, { trustedProxies }: Perimeter): string | undefined {
  const peer = normalizeAddress(request.socket.remoteAddress ?? "");
  const isForwarded = FORWARDING.some((header) => request.headers[header] !== undefined);
  return isForwarded && isListed(peer, trustedProxies) ? peer : undefined;
}

/**
 * The nearest address in X-Forwarded-For that is not one of our own proxies: what lies further left is hearsay, and an
 * address of this machine in there is a lie (AUTH-13).
 */
function forwardedFor({ headers }: IncomingMessage, perimeter: Perimeter): string | undefined {
  const header = headers["x-forwarded-for"];
  const text = Array.isArray(header) ? header.join(",") : header;
  if (text === undefined) {
    const real = headers["x-real-ip"];
    return perimeter.allowRealIpFallback && typeof real === "string" ? foreignAddress(real) : undefined;
  }
  for (const hop of text.split(",").reverse()) {
    const address = plainAddress(hop);
    if (address === undefined) return undefined;
    if (!isListed(address, perimeter.trustedProxies)) return foreignAddress(address);
  }
  return undefined;
}

function foreignAddress(text: string): string | undefined {
  const address = plainAddress(text);
  return address === undefined || isLoopback(address) || address === "0.0.0.0" || address === "::"
    ? undefined
    : address;
}

/** `1.2.3.4`, `1.2.3.4:5`, `[::1]:5` and `::1` in one spelling; undefined for what is no address. */
function plainAddress(text: string): string | undefined {
  const trimmed = text.trim();
  const bare =
    /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^([^:]+)(?::\d+)?$/.exec(trimmed)?.[1] ?? trimmed;
  const address = normalizeAddress(bare.toLowerCase());
  return isIP(address) ? address : undefined;
}

const TAILNET = new BlockList();
TAILNET.addSubnet("100.64.0.0", 10);
TAILNET.addSubnet("fd7a:115c:a1e0::", 48, "ipv6");

/** What `tailscale serve` sends: exactly one hop, out of the tailnet. */
function servedByTailscale({ headers }: IncomingMessage): ClientAddress | undefined {
  const ip =
    typeof headers["x-forwarded-for"] === "string" ? plainAddress(headers["x-forwarded-for"]) : undefined;
  if (ip === undefined || headers["x-forwarded-proto"] === undefined) return undefined;
  if (headers["x-forwarded-host"] === undefined || !TAILNET.check(ip, isIP(ip) === 6 ? "ipv6" : "ipv4"))
    return undefined;
  const login = headers["tailscale-user-login"];
  return { ip, localDirect: false, tailscale: { login: typeof login === "string" ? login : undefined } };
}

export function normalizeAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address;
}

/** One per list of a config snapshot; a list is never changed in place. */
const networks = new WeakMap<readonly string[], BlockList>();

export function isListed(address: string, list: readonly string[]): boolean {
  if (list.includes(address)) return true;
  const version = isIP(address);
  if (version === 0 || !list.some((entry) => entry.includes("/"))) return false;
  let known = networks.get(list);
  if (!known) {
    known = new BlockList();
    for (const [, network, bits] of list.flatMap((entry) => [/^([^/]+)\/(\d+)$/.exec(entry) ?? []])) {
      const kind = isIP(network ?? "");
      if (kind !== 0 && Number(bits) <= (kind === 6 ? 128 : 32))
        known.addSubnet(network!, Number(bits), kind === 6 ? "ipv6" : "ipv4");
    }
    networks.set(list, known);
  }
  return known.check(address, version === 6 ? "ipv6" : "ipv4");
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

import type { AttemptSource } from "./attempts.ts";
import type { ClientAddress } from "./origin.ts";

/**
 * Whose failures they are (protocol.md §4.5). A page on this machine is counted by its origin: one hostile tab must not
 * lock the owner's terminal out. From elsewhere the address counts, because an origin can be invented.
 */
export function attemptSource(client: ClientAddress, origin: string | undefined): AttemptSource {
  if (!client.localDirect) return { key: `ip ${network(client.ip)}`, kind: "address" };
  if (origin === undefined) return { key: "loopback", kind: "loopback" };
  return { key: `origin ${URL.parse(origin)?.origin ?? "null"}`, kind: "loopback-page" };
}

/** Whoever has one IPv6 address has 2^64 of them. */
function network(ip: string): string {
  if (!ip.includes(":")) return ip;
  const host = URL.parse(`http://[${ip.split("%")[0]}]/`)?.hostname.slice(1, -1);
  if (host === undefined) return ip;
  const [head = "", tail] = host.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail ? tail.split(":") : [];
  const middle = tail === undefined ? 0 : 8 - first.length - last.length;
  return `${[...first, ...Array<string>(Math.max(0, middle)).fill("0"), ...last].slice(0, 4).join(":")}::/64`;
}

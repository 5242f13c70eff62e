import type { GatewayConfig } from "./schema.ts";

export type BindMode = NonNullable<GatewayConfig["bind"]>;

export interface ListenWish {
  bind: BindMode;
  /** Only with `custom`. */
  customBindHost?: string;
}

/**
 * What a listen address of the older guides means as `gateway.bind` (behaviour.md R4, R6), or undefined when it
 * is no address. A tailnet address is `tailnet` only where the caller says so: as a bind it stays that very address.
 */
export function readListenAddress(
  word: string,
  tailnet: "tailnet" | "custom" = "custom",
): ListenWish | undefined {
  const address = word
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1");
  if (address === "localhost" || address === "::1" || /^127(\.\d{1,3}){3}$/.test(address))
    return { bind: "loopback" };
  if (address === "0.0.0.0" || address === "::" || address === "*") return { bind: "lan" };
  if (process.getBuiltinModule("node:net").isIP(address) === 0) return undefined;
  if (tailnet === "tailnet" && isTailnet(address)) return { bind: "tailnet" };
  return { bind: "custom", customBindHost: address };
}

/** Tailscale hands out 100.64.0.0/10 and fd7a:115c:a1e0::/48. */
function isTailnet(address: string): boolean {
  const [first, second] = address.split(".").map(Number);
  if (first === 100 && second !== undefined) return second >= 64 && second < 128;
  return address.startsWith("fd7a:115c:a1e0:");
}

import type { NetworkInterfaceInfo } from "node:os";

/**
 * True for 127.0.0.0/8, ::1, an IPv4 loopback address in IPv6 clothes, and the name `localhost`.
 * Takes an address or host name, IPv6 with or without brackets; anything that is not one is false.
 */
export function isLoopback(address: string): boolean {
  if (address.toLowerCase() === "localhost") return true;
  const { isIP } = process.getBuiltinModule("node:net");
  const bare = address.replace(/^\[(.*)\]$/, "$1");
  switch (isIP(bare)) {
    case 4:
      return bare.startsWith("127.");
    case 6:
      return /^\[::(1|ffff:7f[\da-f]{2}:[\da-f]{1,4})\]$/.test(URL.parse(`http://[${bare}]`)?.hostname ?? "");
    default:
      return false;
  }
}

/** The address other machines in the local network can reach this one at, if there is one. */
export function lanAddress(): string | undefined {
  return pickLanAddress(process.getBuiltinModule("node:os").networkInterfaces());
}

const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|tun|tap|utun|wg|tailscale|zt)/;
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/;

/** Pure. Prefers private addresses on real network cards; link-local ones are never taken. */
export function pickLanAddress(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string | undefined {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(
        ({ family, internal, address }) => family === "IPv4" && !internal && !address.startsWith("169.254."),
      )
      .map(({ address }) => ({
        address,
        rank: (VIRTUAL.test(name) ? 2 : 0) + (PRIVATE.test(address) ? 0 : 1),
      })),
  );
  return found.sort((a, b) => a.rank - b.rank)[0]?.address;
}

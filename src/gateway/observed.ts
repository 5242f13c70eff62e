import type { BrokenSocket, RefusedProxy, SelfReport } from "../doctor/gateway-view.ts";
import type { Clock } from "../platform/clock.ts";

/** What only the gateway sees of the way to it, kept for the doctor. Bounded, and forgotten after a day. */
export interface Observed {
  /** Forwarding headers came from an address nobody lists. */
  proxyRefused(address: string): void;
  /** A socket behind a proxy ended without a word. */
  socketBroke(socket: Pick<BrokenSocket, "address" | "idleMs">): void;
  /** `trusted`: who is listed by now is no news any more. */
  report(trusted: readonly string[]): Pick<SelfReport, "refusedProxies" | "brokenSockets">;
}

const MAX_ADDRESSES = 16;
const MAX_SOCKETS = 32;
const KEEP_MS = 24 * 3_600_000;

export function openObserved({ now }: Pick<Clock, "now">): Observed {
  const proxies = new Map<string, RefusedProxy>();
  const sockets: BrokenSocket[] = [];

  return {
    proxyRefused(address) {
      const count = (proxies.get(address)?.count ?? 0) + 1;
      proxies.delete(address);
      proxies.set(address, { address, count, lastAtMs: now() });
      if (proxies.size > MAX_ADDRESSES) proxies.delete(proxies.keys().next().value!);
    },
    socketBroke(socket) {
      sockets.push({ ...socket, atMs: now() });
      if (sockets.length > MAX_SOCKETS) sockets.shift();
    },
    report(trusted) {
      const since = now() - KEEP_MS;
      return {
        refusedProxies: [...proxies.values()].filter(
          ({ address, lastAtMs }) => lastAtMs >= since && !trusted.includes(address),
        ),
        brokenSockets: sockets.filter(({ atMs }) => atMs >= since),
      };
    },
  };
}

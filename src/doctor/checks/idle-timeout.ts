import { LIMITS } from "../../protocol/limits.ts";
import { defineCheck } from "../check.ts";
import type { BrokenSocket } from "../gateway-view.ts";

/** Fewer may be phones in a tunnel. */
const MIN_BREAKS = 3;
/** A timeout of a machine is always the same; people's connections break at any time. */
const MAX_SPREAD_MS = 1_500;

/** A proxy that gives up on quiet sockets: the connection is fine, and breaks again and again. */
export default defineCheck({
  id: "idle-timeout",
  summary: "no proxy in front cuts quiet WebSocket connections",
  where: "inside",
  async inspect({ gateway }) {
    const { self } = await gateway();
    const byProxy = Map.groupBy(self?.brokenSockets ?? [], ({ address }) => address);
    return [...byProxy].flatMap(([address, sockets]) => {
      const idle = commonSilence(sockets);
      if (idle === undefined) return [];
      const seconds = Math.max(1, Math.round(idle / 1_000));
      return [
        {
          id: "idle-timeout-short",
          evidence: [
            `connections through the proxy ${address} broke after about ${seconds} s of silence, each time`,
            `the gateway itself says something every ${LIMITS.tickIntervalMs / 1_000} s`,
          ],
        },
      ];
    });
  },
});

/** The silence most breaks have in common, or undefined. */
function commonSilence(sockets: readonly BrokenSocket[]): number | undefined {
  const silences = sockets.map(({ idleMs }) => idleMs).filter((ms) => ms >= 1_000);
  return silences.find(
    (ms) => silences.filter((other) => Math.abs(other - ms) <= MAX_SPREAD_MS).length >= MIN_BREAKS,
  );
}

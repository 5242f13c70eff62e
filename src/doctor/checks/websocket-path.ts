import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";
import { probeOrigin } from "../probe-origin.ts";

/** Pages load through the proxy and connections do not: it does not pass the WebSocket upgrade on. */
export default defineCheck({
  id: "websocket-path",
  summary: "WebSocket connections get through the proxies in front",
  where: "outside",
  deep: true,
  async inspect({ config, signal }) {
    const checked = await config();
    if (!checked.ok) return [];
    const origins = checked.loaded.config.gateway?.controlUi?.allowedOrigins ?? [];
    const probes = origins
      .filter((origin) => /^https?:\/\//.test(origin))
      .slice(0, MAX_ORIGINS)
      .map(async (origin): Promise<Observation[]> => {
        const { page, socket } = await probeOrigin(origin, signal);
        if (page.kind !== "gateway" || socket.kind === "gateway") return [];
        return [
          {
            id: "websocket-blocked",
            evidence: [`${origin}/health answers`, `a WebSocket to ${origin} does not: ${socket.reason}`],
          },
        ];
      });
    return (await Promise.all(probes)).flat();
  },
});

const MAX_ORIGINS = 8;

import { defineCheck } from "../check.ts";

const GUIDE_PORT = 3001;

/** Many a guide's curl, proxy and cron lines say 3001 (behaviour.md R1). */
export default defineCheck({
  id: "guide-port",
  summary: "which port to use with older guides",
  where: "outside",
  async inspect({ gateway, config, env }) {
    const { reach, port, local } = await gateway();
    const checked = await config();
    if (reach !== "connected" || !local || port === GUIDE_PORT || !checked.ok) return [];
    const extra = [...env.gateway.extraPorts, ...(checked.loaded.config.gateway?.extraPorts ?? [])];
    if (extra.includes(GUIDE_PORT)) return [];
    return [{ id: "guide-port-3001", evidence: [`listening on :${port} (older guides say ${GUIDE_PORT})`] }];
  },
});

import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";

/** Whether what is in the file is what the gateway serves. */
export default defineCheck({
  id: "config-reload",
  summary: "the running gateway serves what the config file says",
  where: "inside",
  async inspect({ gateway, paths }) {
    const { self } = await gateway();
    if (!self) return [];
    const { state, issues = [], restartNeeded = [], kept = [] } = self.configReload;
    const observed = (evidence: string[], rest: Partial<Observation> = {}): Observation[] => [
      { id: "config-not-in-force", evidence: [paths.configPath, ...evidence], ...rest },
    ];
    switch (state) {
      case "invalid":
        return observed(["it is not valid; the last good version is served", ...issues], {
          severity: "error",
          fix: "openclaw doctor --fix",
        });
      case "partial":
        return observed(kept.map((line) => `kept as it was: ${line}`));
      case "restart-needed":
        return observed([`counts from the next start: ${restartNeeded.join(", ")}`], {
          fix: "openclaw restart",
        });
      case "off":
        return observed(["gateway.reload.mode is off: changes count from the next start"], {
          severity: "info",
        });
      default:
        return [];
    }
  },
});

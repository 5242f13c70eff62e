import { requireNewEnough } from "../../config/newer-guard.ts";
import { Fault } from "../../platform/fault.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { defineCheck } from "../check.ts";

/** An older program on a newer config: two versions are installed. */
export default defineCheck({
  id: "config-newer",
  summary: "the config was not written by a newer version",
  where: "anywhere",
  async inspect({ config, env }) {
    const checked = await config();
    if (!checked.ok) return [];
    try {
      requireNewEnough({
        config: checked.loaded.config,
        version: PRODUCT_VERSION,
        env,
        action: "start the gateway",
      });
      return [];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { message, why, fix } = error;
      return [
        { id: "config-newer", title: message, evidence: [`this program is ${process.argv[1]}`], why, fix },
      ];
    }
  },
});

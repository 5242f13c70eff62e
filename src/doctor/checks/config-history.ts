import { join } from "node:path";
import { damagedVersions } from "../../config/history.ts";
import { defineCheck } from "../check.ts";

/** Versions that cannot be read cannot be gone back to. */
export default defineCheck({
  id: "config-history",
  summary: "every kept version of the config can be read",
  where: "anywhere",
  async inspect({ paths, nowMs }) {
    const damaged = await damagedVersions(paths);
    if (damaged.length === 0) return [];
    const aside = join(paths.dataDir, "damaged", String(nowMs));
    return [
      {
        id: "config-history-damaged",
        evidence: damaged,
        repair: {
          does: `set them aside in ${aside}`,
          level: "safe",
          changes: damaged.map((from) => ({ kind: "move", from, to: join(aside, from.split("/").at(-1)!) })),
        },
      },
    ];
  },
});

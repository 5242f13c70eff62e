import { bundlesDir, listBundles } from "../../platform/stability-bundles.ts";
import { defineCheck } from "../check.ts";

/** Older ones are not what brings somebody to the doctor. */
const RECENT_MS = 24 * 3_600_000;

/** What a bad end has left for whoever looks for its cause. */
export default defineCheck({
  id: "stability",
  summary: "no bad end of the last day has left a bundle",
  where: "anywhere",
  inspect({ paths, nowMs }) {
    const recent = listBundles(bundlesDir(paths)).filter(({ atMs }) => nowMs - atMs < RECENT_MS);
    if (recent.length === 0) return [];
    const evidence = recent
      .slice(0, 3)
      .map(
        ({ path, reason, atMs }) =>
          `${reason.replaceAll("_", " ")}, ${new Date(atMs).toISOString()}: ${path}`,
      );
    if (recent.length > 3) evidence.push(`and ${recent.length - 3} more within a day`);
    return [{ id: "stability-bundle", evidence }];
  },
});

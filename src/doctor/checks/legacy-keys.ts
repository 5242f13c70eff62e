import { defineCheck } from "../check.ts";
import { olderWords } from "../older-edits.ts";

/** Older guides' words work as they are; today's spelling is what other commands and pages speak of. */
export default defineCheck({
  id: "legacy-keys",
  summary: "the config uses today's names",
  where: "anywhere",
  async inspect({ config, env }) {
    const checked = await config();
    if (!checked.ok) return [];
    const { source, config: inForce, path: file } = checked.loaded;
    const { evidence, edits } = olderWords(source, inForce, env);
    if (edits.length === 0) return [];
    return [
      {
        id: "legacy-keys",
        evidence,
        place: { path: edits[0]!.path.join("."), file },
        repair: {
          does: "write them in today's words",
          level: "safe",
          changes: [{ kind: "config-edits", edits }],
        },
      },
    ];
  },
});

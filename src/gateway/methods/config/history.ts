import * as v from "valibot";
import { defineMethod } from "../../method.ts";

/** The versions the config has had, newest first, each with what it changed; secrets are hidden. */
export default defineMethod({
  name: "config.history",
  scope: "operator.admin",
  params: v.object({ limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(20)), 20) }),
  async run({ limit }, { services: { paths } }) {
    const [{ configVersions, currentTexts }, { diffFiles, diffLines }, { sameTexts }] = await Promise.all([
      import("../../../config/history.ts"),
      import("../../../config/texts-diff.ts"),
      import("../../../config/version.ts"),
    ]);
    const now = await currentTexts(paths);
    const versions = configVersions(paths);
    const current = now && versions.find((version) => sameTexts(version, now))?.number;
    return {
      path: paths.configPath,
      /** What the files say is no version yet: somebody has changed them by hand. */
      changedByHand: now !== undefined && current === undefined,
      versions: await Promise.all(
        versions.slice(0, limit).map(async (version, index) => {
          const { number, atMs, author, command, restores } = version;
          const before = versions[index + 1];
          return {
            number,
            atMs,
            author,
            ...(command !== undefined && { command }),
            ...(restores !== undefined && { restores }),
            current: number === current,
            diff: before ? diffLines(await diffFiles(paths.configPath, before, version)) : [],
          };
        }),
      ),
    };
  },
});

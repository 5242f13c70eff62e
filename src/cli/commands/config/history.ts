import { configVersions, currentTexts } from "../../../config/history.ts";
import { changedFiles, sameTexts } from "../../../config/version.ts";
import { printable } from "../../../platform/printable.ts";
import { defineCommand } from "../../command.ts";
import { authorText } from "../../config-author.ts";

export default defineCommand({
  summary: "List the versions the config file has had",
  description: [
    "The newest 20 are kept, with the files the config includes. A change by hand is found, and becomes a version,",
    "with the next change by a command or the next start of the gateway.",
  ],
  options: {},
  examples: ["openclaw config history", "openclaw config diff 3"],
  async run(_args, { paths }) {
    const now = await currentTexts(paths);
    const versions = configVersions(paths);
    const current = now && versions.find((version) => sameTexts(version, now))?.number;
    return {
      path: paths.configPath,
      exists: now !== undefined,
      /** The files are not what any command has left, and no version yet. */
      changedByHand: now !== undefined && current === undefined,
      versions: versions.map(({ text, files, atMs, ...version }, i) => ({
        ...version,
        at: new Date(atMs).toISOString(),
        bytes: Buffer.byteLength(text),
        /** The included files that are others than in the version before. */
        included: versions[i + 1] ? changedFiles(versions[i + 1]!, { text, files }) : [],
        current: version.number === current,
      })),
    };
  },
  render({ path, exists, changedByHand, versions }, { io }) {
    if (!exists) io.note(`There is no config at ${path} now.`);
    if (changedByHand)
      io.note("The file was changed by hand since the newest version; see: openclaw config diff");
    if (versions.length === 0) io.out("No versions yet: they begin with the first change.");
    const width = String(versions[0]?.number ?? 0).length;
    for (const { number, at, current, restores, included, ...version } of versions) {
      const what = restores === undefined ? "" : ` (puts back ${restores})`;
      const where = included.length > 0 ? ` in ${included.map(printable).join(", ")}` : "";
      const mark = current ? "*" : " ";
      io.out(`${mark} ${String(number).padStart(width)}  ${at}  ${authorText(version)}${what}${where}`);
    }
  },
});

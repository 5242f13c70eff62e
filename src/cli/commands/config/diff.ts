import { configVersions, currentTexts } from "../../../config/history.ts";
import { diffFiles } from "../../../config/texts-diff.ts";
import { type ConfigTexts, type ConfigVersion, sameTexts } from "../../../config/version.ts";
import { defineCommand } from "../../command.ts";
import { authorText } from "../../config-author.ts";
import { findVersion } from "../../config-version.ts";
import { paint } from "../../io.ts";

export default defineCommand({
  summary: "Show what changed in the config file",
  description: [
    "From the version before to the file as it is now, or from the version with this number (config history).",
    "Files it includes are compared too. Secrets are hidden.",
  ],
  positionals: { version: { summary: "a number of config history", optional: true } },
  options: {},
  examples: ["openclaw config diff", "openclaw config diff 3"],
  async run({ version: text }, { paths }) {
    const versions = configVersions(paths);
    const now = (await currentTexts(paths)) ?? { text: "" };
    const from = text === undefined ? before(now, versions) : findVersion(text, versions, "config diff");
    const diffs = from ? await diffFiles(paths.configPath, from, now) : [];
    return {
      path: paths.configPath,
      from: from && { number: from.number, at: new Date(from.atMs).toISOString(), what: authorText(from) },
      diff: diffs.find(({ path }) => path === undefined)?.diff ?? [],
      included: diffs.filter(({ path }) => path !== undefined),
    };
  },
  render({ path, from, diff, included }, { io }) {
    const { red, green, bold } = paint(io.color.out);
    if (!from) return io.note("There is no earlier version yet.");
    if (diff.length === 0 && included.length === 0) {
      return io.note(`The file says what version ${from.number} says.`);
    }
    const changed = diff.length > 0 ? [{ path, diff }, ...included] : included;
    for (const file of changed) {
      io.out(bold(`--- version ${from.number}, ${from.at}, ${from.what}`));
      io.out(bold(`+++ ${file.path}`));
      for (const line of file.diff) {
        io.out(line[0] === "-" ? red(line) : line[0] === "+" ? green(line) : line);
      }
    }
  },
});

/** The newest version that is not what the files say. */
function before(now: ConfigTexts, versions: readonly ConfigVersion[]): ConfigVersion | undefined {
  return versions[versions.findIndex((version) => sameTexts(version, now)) + 1];
}

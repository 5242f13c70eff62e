import { diffConfigTexts } from "../../../config/config-diff.ts";
import { type ConfigVersion, configVersions } from "../../../config/history.ts";
import { readConfigFile } from "../../../config/read-file.ts";
import { sha256Hex } from "../../../platform/files.ts";
import { defineCommand } from "../../command.ts";
import { authorText } from "../../config-author.ts";
import { findVersion } from "../../config-version.ts";
import { paint } from "../../io.ts";

export default defineCommand({
  summary: "Show what changed in the config file",
  description: [
    "From the version before to the file as it is now, or from the version with this number (config history).",
    "Secrets are hidden.",
  ],
  positionals: { version: { summary: "a number of config history", optional: true } },
  options: {},
  examples: ["openclaw config diff", "openclaw config diff 3"],
  async run({ version: text }, { paths }) {
    const versions = configVersions(paths);
    const raw = readConfigFile(paths.configPath, paths.stateDir);
    const from = text === undefined ? before(raw, versions) : findVersion(text, versions, "config diff");
    return {
      path: paths.configPath,
      from: from && { number: from.number, at: new Date(from.atMs).toISOString(), what: authorText(from) },
      diff: from ? await diffConfigTexts(from.text, raw ?? "") : [],
    };
  },
  render({ path, from, diff }, { io }) {
    const { red, green, bold } = paint(io.color.out);
    if (!from) return io.note("There is no earlier version yet.");
    if (diff.length === 0) return io.note(`The file says what version ${from.number} says.`);
    io.out(bold(`--- version ${from.number}, ${from.at}, ${from.what}`));
    io.out(bold(`+++ ${path}`));
    for (const line of diff) io.out(line[0] === "-" ? red(line) : line[0] === "+" ? green(line) : line);
  },
});

/** The newest version that is not the file itself. */
function before(raw: string | undefined, versions: readonly ConfigVersion[]): ConfigVersion | undefined {
  const at = raw === undefined ? -1 : versions.findIndex(({ hash }) => hash === sha256Hex(raw));
  return versions[at + 1];
}

import { configVersions } from "../../../config/history.ts";
import { readConfigFile } from "../../../config/read-file.ts";
import { sha256Hex } from "../../../platform/files.ts";
import { defineCommand } from "../../command.ts";
import { authorText } from "../../config-author.ts";

export default defineCommand({
  summary: "List the versions the config file has had",
  description: [
    "The newest 20 are kept. A change by hand is found, and becomes a version, with the next change by a command or",
    "the next start of the gateway.",
  ],
  options: {},
  examples: ["openclaw config history", "openclaw config diff 3"],
  run(_args, { paths }) {
    const raw = readConfigFile(paths.configPath, paths.stateDir);
    const hash = raw === undefined ? undefined : sha256Hex(raw);
    const versions = configVersions(paths);
    const current = versions.find((version) => version.hash === hash)?.number;
    return {
      path: paths.configPath,
      exists: raw !== undefined,
      /** The file is not what any command has left, and no version yet. */
      changedByHand: raw !== undefined && current === undefined,
      versions: versions.map(({ text, atMs, ...version }) => ({
        ...version,
        at: new Date(atMs).toISOString(),
        bytes: Buffer.byteLength(text),
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
    for (const { number, at, current, restores, ...version } of versions) {
      const what = restores === undefined ? "" : ` (puts back ${restores})`;
      const mark = current ? "*" : " ";
      io.out(`${mark} ${String(number).padStart(width)}  ${at}  ${authorText(version)}${what}`);
    }
  },
});

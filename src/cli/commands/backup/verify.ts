import { resolve } from "node:path";
import { formatBytes } from "../../backup/format-bytes.ts";
import { readBackup } from "../../backup/read-backup.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Read every byte of a backup and compare it with its manifest",
  description: ["Exit code 0 when it is whole, else 1. Nothing is unpacked."],
  positionals: { file: { summary: "the archive" } },
  options: {},
  async run({ file }) {
    const { about, manifest, bytes } = await readBackup(resolve(file));
    const { createdAt, version, workspace, outside } = about;
    const files = manifest.files.length;
    return { ok: true, file: resolve(file), createdAt, version, workspace, outside, files, bytes };
  },
  render({ file, createdAt, version, workspace, files, bytes }, { io }) {
    io.out(`Whole: ${file}`);
    io.out(`${files} files, ${formatBytes(bytes)}, saved ${createdAt} by openclaw ${version}`);
    if (!workspace) io.out("Without the workspace.");
  },
});

import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { backupFolder, newBackupFile } from "../../backup/backup-folder.ts";
import { alreadyThere, createBackup } from "../../backup/create.ts";
import { formatBytes } from "../../backup/format-bytes.ts";
import { collectSources } from "../../backup/sources.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Save config, credentials, devices, sessions and workspace in one archive",
  description: [
    "Works beside a running gateway: databases are copied by SQLite as of one moment. Every byte is read back",
    "before the archive gets its name. It contains your secrets and is readable for you alone; keep it so.",
    "Not in it: logs, locks, and what symlinks lead to.",
  ],
  options: {
    output: {
      type: "string",
      alias: "o",
      placeholder: "path",
      summary: "file, or folder to put it in (~/openclaw-backups)",
    },
    noWorkspace: {
      type: "boolean",
      otherNames: ["no-include-workspace"],
      summary: "leave the files of agents out",
    },
    dryRun: { type: "boolean", summary: "say what would be saved, write nothing" },
    verify: { type: "boolean", summary: "accepted for older scripts; every backup is verified" },
  },
  examples: ["openclaw backup create", "openclaw backup create --output /mnt/disk/openclaw.tar.gz"],
  async run({ output, noWorkspace, dryRun }, { paths, env, signal }) {
    const nowMs = Date.now();
    const file = resolve(outputFile(output, backupFolder(env), nowMs));
    if (existsSync(file)) throw alreadyThere(file);
    const what = { paths, env, workspace: !noWorkspace };
    if (dryRun) {
      const { entries, skipped } = await collectSources(what);
      const files = entries.filter(({ kind }) => kind === "file");
      const bytes = files.reduce((sum, each) => sum + each.bytes, 0);
      return { file, files: files.length, bytes, skipped, dryRun };
    }
    return { ...(await createBackup({ ...what, output: file, nowMs, signal })), dryRun };
  },
  render(made, { io }) {
    const { file, files, bytes, skipped } = made;
    if (made.dryRun) {
      io.out(`Would save ${files} files, ${formatBytes(bytes)}, in ${file}`);
      io.note("Nothing was written: this was a dry run.");
    } else {
      io.out(`Saved ${files} files, ${formatBytes(bytes)}, and read them back.`);
      io.out(`${file} (${formatBytes("archiveBytes" in made ? made.archiveBytes : 0)})`);
    }
    for (const each of skipped.slice(0, 10)) io.note(`notice: not in it, no regular file: ${each}`);
    if (skipped.length > 10) io.note(`notice: and ${skipped.length - 10} more`);
    if (!made.dryRun) io.note(`To put it back: openclaw backup restore ${file}`);
  },
});

function outputFile(output: string | undefined, folder: string, nowMs: number): string {
  if (output === undefined) return newBackupFile(folder, nowMs);
  return statSync(output, { throwIfNoEntry: false })?.isDirectory() ? newBackupFile(output, nowMs) : output;
}

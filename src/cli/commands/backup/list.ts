import { resolve } from "node:path";
import { backupFolder, listBackups } from "../../backup/backup-folder.ts";
import { formatBytes } from "../../backup/format-bytes.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "List the backups in a folder, newest first",
  options: {
    folder: { type: "string", placeholder: "folder", summary: "where to look (~/openclaw-backups)" },
  },
  async run({ folder }, { env }) {
    const where = resolve(folder ?? backupFolder(env));
    return { folder: where, backups: await listBackups(where) };
  },
  render({ folder, backups }, { io }) {
    if (backups.length === 0) {
      io.out(`No backups in ${folder}`);
      io.note("Make one: openclaw backup create");
    }
    for (const { file, bytes, about, problem } of backups) {
      const what = about
        ? `${about.createdAt}  ${about.version}${about.workspace ? "" : "  without workspace"}`
        : `not usable: ${problem}`;
      io.out(`${file}  ${formatBytes(bytes)}  ${what}`);
    }
  },
});

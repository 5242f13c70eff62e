import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { draftName } from "./files.ts";

const LINK = /^openclaw-\d{4}-\d\d-\d\d\.log$/;

/**
 * `<dir>/openclaw-YYYY-MM-DD.log`, where guides look for the log, as a link to the file it is in. The folder is in a
 * place where others may write: it has to be ours alone, and what is there and no link of ours is never touched.
 * Undefined where no link is made.
 */
export function linkLog(dir: string, logFile: string): string | undefined {
  const day = /\d{4}-\d\d-\d\d/.exec(basename(logFile))?.[0];
  if (day === undefined || !isOurs(dir)) return undefined;
  const link = join(dir, `openclaw-${day}.log`);
  const found = lstatSync(link, { throwIfNoEntry: false });
  if (found && !found.isSymbolicLink()) return undefined;
  const draft = draftName(link);
  symlinkSync(logFile, draft);
  renameSync(draft, link);
  forgetOlder(dir, link, dirname(logFile));
  return link;
}

/** Makes it where there is none; a link to somewhere else is not a folder of ours. */
function isOurs(dir: string): boolean {
  if (!lstatSync(dir, { throwIfNoEntry: false })) mkdirSync(dir, { mode: 0o700 });
  const { uid, mode } = lstatSync(dir);
  return lstatSync(dir).isDirectory() && uid === process.getuid?.() && (mode & 0o022) === 0;
}

/** Links of other days into the same folder of logs. */
function forgetOlder(dir: string, current: string, logsDir: string): void {
  for (const name of readdirSync(dir).filter((entry) => LINK.test(entry))) {
    const path = join(dir, name);
    if (path === current || !lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) continue;
    if (dirname(readlinkSync(path)) === logsDir) rmSync(path, { force: true });
  }
}

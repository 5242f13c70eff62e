import { closeSync, fchmodSync, fstatSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

export interface LogFolder {
  dir: string;
  /** File names are `<prefix>-YYYY-MM-DD[.n].log`, local date. */
  prefix: string;
  maxFileBytes: number;
  keepFiles: number;
  /** Of all files together; the newest ones that fit stay. */
  maxTotalBytes: number;
}

export interface CurrentFile {
  fd: number;
  fileName: string;
  fileBytes: number;
  /** Epoch ms of the next local midnight. */
  nextDayMs: number;
}

/** Goes on with today's last file while it has room, also after a restart. */
export function openCurrent({ dir, prefix, maxFileBytes }: LogFolder, now: number): CurrentFile {
  const midnight = new Date(now);
  midnight.setHours(24, 0, 0, 0);
  const today = logFileName(prefix, now, 0).slice(0, -".log".length);
  const last = logFiles(dir, prefix).findLast(({ name }) => name.startsWith(today));
  for (let index = last?.index ?? 0; ; index++) {
    const fileName = logFileName(prefix, now, index);
    const fd = openSync(join(dir, fileName), "a", 0o600);
    fchmodSync(fd, 0o600);
    const fileBytes = fstatSync(fd).size;
    if (fileBytes < maxFileBytes) return { fd, fileName, fileBytes, nextDayMs: midnight.getTime() };
    closeSync(fd);
  }
}

/** Deletes the oldest files beyond `keepFiles` and `maxTotalBytes`, never the current one. */
export function prune(
  { dir, prefix, keepFiles, maxFileBytes, maxTotalBytes }: LogFolder,
  current: string,
): void {
  const older = logFiles(dir, prefix).filter(({ name }) => name !== current);
  let kept = 1;
  // Room for what the current one may grow to.
  let bytes = maxFileBytes;
  for (const { name } of older.reverse()) {
    const path = join(dir, name);
    bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (++kept > keepFiles || bytes > maxTotalBytes) rmSync(path, { force: true });
  }
}

/** Oldest first. */
function logFiles(dir: string, prefix: string): { name: string; day: string; index: number }[] {
  return readdirSync(dir)
    .filter((name) => name.startsWith(`${prefix}-`))
    .map((name) => ({
      name,
      parts: /^(\d{4}-\d\d-\d\d)(?:\.(\d{1,6}))?\.log$/.exec(name.slice(prefix.length + 1)),
    }))
    .filter(({ parts }) => parts !== null)
    .map(({ name, parts }) => ({ name, day: parts![1]!, index: Number(parts![2] ?? 0) }))
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0) || a.index - b.index);
}

export function logFileName(prefix: string, now: number, index: number): string {
  const date = new Date(now);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) =>
    String(n).padStart(2, "0"),
  );
  return `${prefix}-${day.join("-")}${index ? `.${index}` : ""}.log`;
}

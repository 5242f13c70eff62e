import { hash } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Readers see the old bytes or the new bytes, never half of either, also after a power cut.
 * The mode (default 0600) holds whatever the umask is. A symlink at `path` is replaced, not followed.
 */
export function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { mode?: number } = {},
): void {
  using draft = draftFile(path, data, options);
  draft.place();
}

/** A file that is complete and on the disk, but not yet in its place. Disposing removes what was not placed. */
export interface FileDraft extends Disposable {
  /** Puts it in the place of the file; when this returns that is on the disk too. */
  place(): void;
}

/** The first half of `writeFileAtomic`, for those who change several files: what can fail for want of space is here. */
export function draftFile(
  path: string,
  data: string | Uint8Array,
  options: { mode?: number } = {},
): FileDraft {
  const draft = draftName(path);
  let placed = false;
  const remove = () => rmSync(draft, { force: true });
  try {
    writeDraft(draft, data, options.mode ?? 0o600);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    place() {
      renameSync(draft, path);
      placed = true;
      syncFolder(dirname(path));
    },
    [Symbol.dispose]() {
      if (!placed) remove();
    },
  };
}

/** Like `mkdir -p`, 0700; what had to be made is on the disk when this returns, and so stays what is put into it. */
export function makeFolders(dir: string): void {
  const first = mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = dir; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

/** A name beside `path` that nobody else uses. */
export function draftName(path: string): string {
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.draft`;
}

const DRAFT = /^(.+)\.(\d{1,10})-[a-z0-9]+\.draft$/;

/** Which file a draft was for and which process made it, by its name. A process killed in the middle leaves it behind. */
export function readDraftName(name: string): { file: string; pid: number } | undefined {
  const [, file, pid] = DRAFT.exec(name) ?? [];
  return file === undefined ? undefined : { file, pid: Number(pid) };
}

/**
 * A descriptor for reading. Whoever may write into a folder of ours may have put a pipe into the place of a file, which
 * would be waited for without end: everything but a regular file is refused, with EISDIR or EINVAL (OPS-07).
 */
export function openRegular(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const found = fstatSync(fd);
  if (found.isFile()) return fd;
  closeSync(fd);
  throw notRegular(path, found.isDirectory());
}

/** The same before SQLite opens it by name. It says itself what is wrong with a folder, or where nothing is. */
export function refusePipe(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile() && !found.isDirectory()) throw notRegular(path, false);
}

function notRegular(path: string, isFolder: boolean): Error {
  const code = isFolder ? "EISDIR" : "EINVAL";
  return Object.assign(new Error(`${code}: ${path} is not a regular file`), { code, path });
}

/** UTF-8 text of a regular file. */
export function readRegular(path: string): string {
  const fd = openRegular(path);
  try {
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

/** The bytes from `from` to `to`, fewer where the file ends before. */
export function readRange(path: string, from: number, to: number): Buffer {
  const buffer = Buffer.alloc(to - from);
  const fd = openRegular(path);
  try {
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, from));
  } finally {
    closeSync(fd);
  }
}

/** The same file afterwards, without its content. Never that of another one, to which a link leads (OPS-07). */
export function emptyInPlace(path: string): void {
  const fd = openSync(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    ftruncateSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** UTF-8 text, or undefined when there is no such file. Throws for every other reason. */
export function readFileIfExists(path: string): string | undefined {
  try {
    return readRegular(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

function writeDraft(draft: string, data: string | Uint8Array, mode: number): void {
  const fd = openSync(draft, "wx", mode);
  try {
    fchmodSync(fd, mode);
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The rename itself is durable only with its folder; Windows cannot open one and does not need it. */
function syncFolder(dir: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(dir, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

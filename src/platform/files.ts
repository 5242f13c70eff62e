import { hash } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
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

/** UTF-8 text, or undefined when there is no such file. Throws for every other reason. */
export function readFileIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
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

import { mkdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { sha256Hex, writeFileAtomic } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { storageFault } from "../platform/storage-fault.ts";
import { currentTexts, recordFound, recordVersion } from "./history.ts";
import { removeStaleDrafts } from "./stale-drafts.ts";
import { type Author, sameTexts } from "./version.ts";
import { ConfigWriteError } from "./write-error.ts";
import { withWriteLock } from "./write-lock.ts";

export interface RestoreInput {
  paths: Paths;
  /** The config file or one it includes. */
  file: string;
  /** What it is to be, valid or not; undefined for no file. */
  bytes: Uint8Array | undefined;
  /** SHA-256 of what may be replaced, hex; undefined where there should be no file. Another one refuses the restore. */
  expected: string | undefined;
  author: Author;
  command: string;
  nowMs: number;
}

/**
 * Puts exact bytes back, for `doctor --undo`: the one write that may leave a broken config, because the owner asked
 * for what was there. Under the lock of all writers; what is replaced is in the history. Throws `ConfigWriteError`
 * ("stale") when somebody has changed the file meanwhile.
 */
export async function restoreConfigBytes(input: RestoreInput): Promise<void> {
  const { paths, file, bytes, expected, author, command, nowMs } = input;
  await withWriteLock(paths, async () => {
    const current = readBytes(file);
    if ((current && sha256Hex(current)) !== expected) throw changed(file);
    const before = await currentTexts(paths);
    if (before) recordFound(paths, before);
    try {
      if (bytes === undefined) {
        rmSync(file, { force: true });
        return;
      }
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const target = current ? realpathSync(file) : file;
      removeStaleDrafts(dirname(target), (name) => name === basename(target));
      writeFileAtomic(target, bytes, { mode: current ? statSync(target).mode & 0o700 : 0o600 });
    } catch (error) {
      throw storageFault({ error, path: file, ours: dirname(file) }) ?? error;
    }
    const after = await currentTexts(paths);
    if (after && !(before && sameTexts(before, after)))
      recordVersion(paths, { atMs: nowMs, author, command, ...after });
  });
}

function readBytes(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw storageFault({ error, path: file, ours: dirname(file) }) ?? error;
  }
}

function changed(file: string): ConfigWriteError {
  return new ConfigWriteError("stale", `${file} has changed since; it was left as it is`, {
    why: "Nothing that somebody wrote meanwhile is overwritten.",
    fix: "openclaw config history",
  });
}

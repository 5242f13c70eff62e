import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { Fault } from "../platform/fault.ts";
import { shellWord, storageFault } from "../platform/storage-fault.ts";

const MAX_BYTES = 4_000_000;

/**
 * The text of a config file, or undefined when there is none. A device may never end, so only regular files of at
 * most 4 MB are read. Throws `Fault` (78) that names owner and fix where it may not be read; the fix takes over the
 * state folder where the file lies in it.
 */
export function readConfigFile(path: string, stateDir?: string): string | undefined {
  let fd: number;
  try {
    // Opening a pipe that nobody writes to would otherwise block for good.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const ours = stateDir !== undefined && dirname(path) === stateDir ? stateDir : path;
    throw storageFault({ error, path, ours }) ?? error;
  }
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw unusable(path, "is not a regular file");
    if (found.size > MAX_BYTES) throw unusable(path, `is larger than ${MAX_BYTES / 1_000_000} MB`);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

/**
 * The bytes of the file where they are more than `text`, which was read from it: what is no UTF-8 comes out of
 * reading as U+FFFD and would be lost with the next write.
 */
export function bytesUnlike(path: string, text: string | undefined): Uint8Array | undefined {
  if (!text?.includes("\ufffd")) return undefined;
  const bytes = readFileSync(path);
  return bytes.equals(Buffer.from(text)) ? undefined : bytes;
}

function unusable(path: string, why: string): Fault {
  return new Fault(`Invalid config at ${path} — it ${why}`, {
    fix: `ls -ld ${shellWord(path)}`,
    exitCode: 78,
  });
}

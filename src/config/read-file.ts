import { readFileSync, statSync } from "node:fs";
import { Fault } from "../platform/fault.ts";
import { shellWord, storageFault } from "../platform/storage-fault.ts";

const MAX_BYTES = 4_000_000;

/**
 * The text of a config file, or undefined when there is none. A pipe or a device would block or never end, so only
 * regular files of at most 4 MB are read. Throws `Fault` (78) that names owner and fix where it may not be read.
 */
export function readConfigFile(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return undefined;
    if (!found.isFile()) throw unusable(path, "is not a regular file");
    if (found.size > MAX_BYTES) throw unusable(path, `is larger than ${MAX_BYTES / 1_000_000} MB`);
    return readFileSync(path, "utf8");
  } catch (error) {
    throw storageFault({ error, path, ours: path }) ?? error;
  }
}

function unusable(path: string, why: string): Fault {
  return new Fault(`Invalid config at ${path} — it ${why}`, {
    fix: `ls -ld ${shellWord(path)}`,
    exitCode: 78,
  });
}

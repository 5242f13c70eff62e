import { readFileIfExists } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { storageFault } from "../platform/storage-fault.ts";

/**
 * The token an earlier start made and kept (behaviour.md R7), if there is one.
 * Throws a Fault that names path, user and fix where the file may not be read.
 */
export function readSavedToken({ tokenFile, stateDir }: Paths): string | undefined {
  try {
    return readFileIfExists(tokenFile)?.trim() || undefined;
  } catch (error) {
    throw storageFault({ error, path: tokenFile, ours: stateDir }) ?? error;
  }
}

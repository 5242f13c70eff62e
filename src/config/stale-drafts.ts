import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../platform/alive.ts";
import { readDraftName } from "../platform/files.ts";

/**
 * Removes the drafts that processes killed in the middle of an atomic write have left in a folder: they may have
 * secrets, and would add up. `isMeant` gets the name of the file a draft was for.
 */
export function removeStaleDrafts(folder: string, isMeant: (name: string) => boolean): void {
  for (const entry of readdirSync(folder)) {
    const draft = readDraftName(entry);
    if (draft && isMeant(draft.file) && !isAlive(draft.pid)) rmSync(join(folder, entry), { force: true });
  }
}

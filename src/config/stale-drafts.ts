import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../platform/alive.ts";

const DRAFT = /^(.+)\.(\d{1,10})-[a-z0-9]+\.draft$/;

/**
 * Removes the drafts that processes killed in the middle of an atomic write have left in a folder: they may have
 * secrets, and would add up. `isMeant` gets the name of the file a draft was for.
 */
export function removeStaleDrafts(folder: string, isMeant: (name: string) => boolean): void {
  for (const entry of readdirSync(folder)) {
    const [, name, pid] = DRAFT.exec(entry) ?? [];
    if (name !== undefined && isMeant(name) && !isAlive(Number(pid)))
      rmSync(join(folder, entry), { force: true });
  }
}

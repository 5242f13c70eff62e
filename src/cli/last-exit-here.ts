import { readBoots } from "../platform/boot-ledger.ts";
import { lastSignOfLife, readExitFacts } from "../platform/exit-facts.ts";
import { exitText, lastExit } from "../platform/last-exit.ts";
import { isLocked } from "../platform/lock.ts";
import type { Paths } from "../platform/paths.ts";

/** How the gateway of a state folder ended, by its ledger; undefined while one runs, and after a good end. */
export function lastExitHere(paths: Paths): { pid: number; text: string } | undefined {
  const boots = readBoots(paths);
  const boot = boots.at(-1);
  if (!boot || isLocked(paths.lockFile)) return undefined;
  const text = exitText(lastExit(boots, readExitFacts(boot, lastSignOfLife(paths))), Date.now());
  return text === undefined ? undefined : { pid: boot.pid, text };
}

import { statSync } from "node:fs";
import type { Boot } from "./boot-ledger.ts";
import { kernelBootId, readOomKills } from "./kernel.ts";
import { readKernelLog } from "./kernel-log.ts";
import type { ExitFacts } from "./last-exit.ts";
import type { Paths } from "./paths.ts";

/** Asks the machine what it knows of the end of a boot; some milliseconds, so only of one that said no goodbye. */
export function readExitFacts(boot: Boot, lastSignAtMs: number | undefined): ExitFacts {
  const bootId = kernelBootId();
  const oomKills = boot.oom && readOomKills(boot.oom.file);
  const kernelLog = readKernelLog();
  return {
    ...(bootId !== undefined && { kernelBootId: bootId }),
    ...(oomKills !== undefined && { oomKills }),
    ...(kernelLog !== undefined && { kernelLog }),
    ...(lastSignAtMs !== undefined && { lastSignAtMs }),
  };
}

/** The last sign of life of a gateway that is gone; a running one renews it every minute. */
export function lastSignOfLife({ bootsFile }: Pick<Paths, "bootsFile">): number | undefined {
  return statSync(bootsFile, { throwIfNoEntry: false })?.mtimeMs;
}

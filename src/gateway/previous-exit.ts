import type { BootRecord } from "../platform/boot-record.ts";
import type { Clock } from "../platform/clock.ts";
import { readExitFacts } from "../platform/exit-facts.ts";
import { exitText, type LastExit, lastExit } from "../platform/last-exit.ts";
import type { Log } from "../platform/log.ts";

/** Finds out why the run before said no goodbye, and says it in the log in one line. */
export function explainPreviousExit(boot: BootRecord, { log, clock }: { log: Log; clock: Clock }): LastExit {
  const { previous, previousSignAtMs } = boot;
  const exit = lastExit(previous, readExitFacts(previous.at(-1)!, previousSignAtMs));
  const text = exitText(exit, clock.now());
  if (text !== undefined) log.warn(`previous run (pid ${previous.at(-1)!.pid}) ${text}`);
  return exit;
}

import { randomUUID } from "node:crypto";
import { type Boot, type BootRefusal, crashesInARow } from "../platform/boot-ledger.ts";
import { type BootRecord, openBootRecord } from "../platform/boot-record.ts";
import { systemClock } from "../platform/clock.ts";
import { Fault } from "../platform/fault.ts";
import { kernelBootId, processStartTicks } from "../platform/kernel.ts";
import type { Log } from "../platform/log.ts";
import type { Paths } from "../platform/paths.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { ListenSettings } from "./settings.ts";

/** The issues of a config can be many; whoever needs them all asks for them. */
const MAX_REFUSAL_LINES = 20;

/** The entry of this boot in the ledger; the state lock must be held. */
export function openBoot({ bootsFile }: Paths, { port, bind }: ListenSettings, log: Log): BootRecord {
  return openBootRecord({
    bootsFile,
    id: randomUUID(),
    version: PRODUCT_VERSION,
    port,
    host: bind.host,
    clock: systemClock,
    onTrouble: (error) => log.warn(`cannot write ${bootsFile}: ${error.message}`),
  });
}

/** The boots that crashed one after another until this one. */
export function crashesBefore({ previous }: BootRecord, nowMs: number): Boot[] {
  return crashesInARow(previous, { nowMs, kernelBootId: kernelBootId() });
}

/** Of the boot before. A restart in place is the same process going on. */
export function endedWithoutWord({ previous }: BootRecord): boolean {
  const last = previous.at(-1);
  if (last?.end?.kind === "restarting")
    return last.pid !== process.pid || last.startTicks !== processStartTicks("self");
  return last !== undefined && (last.end === undefined || last.end.kind === "hung");
}

/** How a start that did not come about ended. */
export function endOf(error: unknown, givenUp: boolean): Parameters<BootRecord["ended"]> {
  if (givenUp) return ["stopped", { cause: "while it was starting" }];
  const cause = error instanceof Error ? error.message : String(error);
  return ["failed", { cause, ...(error instanceof Fault && error.fix && { fix: error.fix }) }];
}

export function refusalOf({ message, lines, why, fix, exitCode }: Fault): Omit<BootRefusal, "atMs"> {
  return {
    what: message,
    lines: lines.slice(0, MAX_REFUSAL_LINES),
    exitCode,
    ...(why && { why }),
    ...(fix && { fix }),
  };
}

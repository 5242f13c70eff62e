import { appendFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import {
  type Boot,
  type BootEnd,
  type BootEndKind,
  type BootRefusal,
  type BootStage,
  bootLines,
  readBoots,
} from "./boot-ledger.ts";
import type { Clock } from "./clock.ts";
import { kernelBootId, ownOomCounter, ownThreadIds, processStartTicks } from "./kernel.ts";

export interface BootRecordInput {
  /** `Paths.bootsFile`; only the holder of the state lock may write it. */
  bootsFile: string;
  id: string;
  version: string;
  port: number;
  host?: string;
  clock: Clock;
  /** The ledger is advice: a disk that refuses is told once and stops nothing. */
  onTrouble(error: Error): void;
}

/** The line of this boot in the ledger, written as it goes on. */
export interface BootRecord {
  readonly id: string;
  /** The boots before, oldest first. */
  readonly previous: readonly Boot[];
  /** The last sign of life the boot before has left. */
  readonly previousSignAtMs: number | undefined;
  stage(): BootStage;
  reached(stage: BootStage, port?: number): void;
  refused(refusal: Omit<BootRefusal, "atMs">): void;
  enteredSafeMode(crashes: number): void;
  leftSafeMode(): void;
  /** The first word counts. */
  ended(kind: BootEndKind, why?: Pick<BootEnd, "cause" | "fix">): void;
  /** Leaves a sign of life: the time of the file. */
  alive(): void;
  /** Forgets all but the newest boots, if there are many. */
  trim(): void;
}

const KEPT_BOOTS = 20;
/** The same boot may have much to say: refused restarts, once a minute, for months. */
const MAX_BYTES = 256_000;

/**
 * Begins the entry of this boot. Nothing is flushed to the disk: an entry that a power cut takes away is missed less
 * than the milliseconds of every start.
 */
export function openBootRecord(input: BootRecordInput): BootRecord {
  const { bootsFile, id, version, port, host, clock, onTrouble } = input;
  const before = lookAt(bootsFile);
  const previous = readBoots({ bootsFile });
  let bytes = before?.size ?? 0;
  let stage: BootStage = "starting";
  let ended = false;
  let troubled = false;

  function attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!troubled) onTrouble(error as Error);
      troubled = true;
    }
  }

  function append(event: string, fields: object): void {
    // Whoever was ended while writing has left half a line behind.
    const fresh = event === "start" && bytes > 0 ? "\n" : "";
    const line = `${fresh}${JSON.stringify({ boot: id, at: clock.now(), event, ...fields })}\n`;
    attempt(() => appendFileSync(bootsFile, line, { mode: 0o600 }));
    bytes += line.length;
    if (bytes > MAX_BYTES) trim(readBoots({ bootsFile }));
  }

  function trim(boots: readonly Boot[]): void {
    const text = boots
      .slice(-KEPT_BOOTS)
      .flatMap(bootLines)
      .map((line) => `${line}\n`)
      .join("");
    const draft = `${bootsFile}.draft`;
    attempt(() => {
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, bootsFile);
    });
    rmSync(draft, { force: true });
    bytes = text.length;
  }

  const startTicks = processStartTicks("self");
  const bootId = kernelBootId();
  const oom = ownOomCounter();
  append("start", {
    pid: process.pid,
    version,
    port,
    ...(host !== undefined && { host }),
    ...(startTicks !== undefined && { startTicks }),
    ...(bootId !== undefined && { kernelBootId: bootId }),
    threadIds: ownThreadIds(),
    ...(oom && { oom }),
  });

  return {
    id,
    previous,
    previousSignAtMs: before?.mtimeMs,
    stage: () => stage,
    reached(next, boundPort) {
      stage = next;
      append("stage", { stage: next, ...(boundPort !== undefined && { port: boundPort }) });
    },
    refused: (refusal) => append("refused", refusal),
    enteredSafeMode: (crashes) => append("safe-mode", { crashes }),
    leftSafeMode: () => append("safe-mode-left", {}),
    ended(kind, why = {}) {
      if (ended) return;
      ended = true;
      append("end", { kind, ...why });
    },
    alive() {
      const now = new Date(clock.now());
      attempt(() => utimesSync(bootsFile, now, now));
    },
    trim() {
      const boots = readBoots({ bootsFile });
      if (boots.length > KEPT_BOOTS) trim(boots);
    },
  };
}

function lookAt(file: string): { size: number; mtimeMs: number } | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readFileIfExists, writeFileAtomic } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { storageFault } from "../platform/storage-fault.ts";
import { isRecord } from "../protocol/frames.ts";
import type { Undo } from "./undo-step.ts";

/** What one `doctor --fix` has changed, with all it takes to take it back. */
export interface FixRecord {
  number: number;
  atMs: number;
  /** In the order in which they were made. */
  steps: FixStep[];
}

export interface FixStep {
  /** The failure it was made for. */
  finding: string;
  does: string;
  undo: Undo[];
}

/** Copies may hold secrets, so there are few of them. */
const MAX_SESSIONS = 5;
const NAME = /^(\d{4,8})$/;

export interface FixSession {
  record: FixRecord;
  folder: string;
  /** Before the change is made: whatever happens then, it can be taken back. */
  begin(step: FixStep): void;
  /** What the step has come to. */
  settle(): void;
  /** The step was taken back at once. */
  drop(step: FixStep): void;
}

/** Makes nothing on the disk before the first step begins. */
export function openFixSession(paths: Paths, nowMs: number): FixSession {
  const home = homeOf(paths);
  const number = (sessionNumbers(home)[0] ?? 0) + 1;
  const folder = join(home, String(number).padStart(4, "0"));
  const record: FixRecord = { number, atMs: nowMs, steps: [] };

  function save(): void {
    writeFileAtomic(join(folder, "manifest.json"), `${JSON.stringify(record)}\n`);
  }

  return {
    record,
    folder,
    begin(step) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        record.steps.push(step);
        save();
        for (const old of sessionNumbers(home).slice(MAX_SESSIONS)) removeSession(home, old);
      } catch (error) {
        throw storageFault({ error, path: folder, ours: paths.dataDir }) ?? error;
      }
    },
    settle: save,
    drop(step) {
      record.steps = record.steps.filter((each) => each !== step);
      save();
    },
  };
}

/** The newest fix that was not taken back yet. */
export function newestFix(paths: Paths): { record: FixRecord; folder: string } | undefined {
  const home = homeOf(paths);
  for (const number of sessionNumbers(home)) {
    const folder = join(home, String(number).padStart(4, "0"));
    const record = readRecord(join(folder, "manifest.json"));
    if (record && record.steps.length > 0) return { record, folder };
  }
  return undefined;
}

/** It stays where it is, under a name that says that it was taken back. */
export function closeFix(folder: string): void {
  rmSync(`${folder}.undone`, { recursive: true, force: true });
  renameSync(folder, `${folder}.undone`);
}

export function readSaved(folder: string, blob: string): Buffer {
  return readFileSync(join(folder, blob));
}

function homeOf({ dataDir }: Paths): string {
  return join(dataDir, "doctor");
}

function removeSession(home: string, number: number): void {
  const folder = join(home, String(number).padStart(4, "0"));
  for (const path of [folder, `${folder}.undone`]) rmSync(path, { recursive: true, force: true });
}

/** Newest first, those that were taken back included. */
function sessionNumbers(home: string): number[] {
  let names: string[];
  try {
    names = readdirSync(home);
  } catch {
    return [];
  }
  const numbers = names.flatMap((name) => NAME.exec(name.replace(/\.undone$/, ""))?.[1] ?? []).map(Number);
  return [...new Set(numbers)].sort((a, b) => b - a);
}

function readRecord(file: string): FixRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileIfExists(file) ?? "");
    return isRecord(record) && Array.isArray(record.steps) ? (record as unknown as FixRecord) : undefined;
  } catch {
    return undefined;
  }
}

import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
} from "node:fs";
import { basename, join } from "node:path";
import { Fault } from "../platform/fault.ts";
import { draftName } from "../platform/files.ts";
import { holdStill, mayBeLocked } from "../platform/lock.ts";

/** Where a damaged database is, where it goes, and whose absence makes that safe. */
export interface SetAside {
  /** The database; its journal files are named after it. */
  path: string;
  /** Held by the gateway that uses it. */
  lockFile: string;
  /** A folder for this one alone, on the same disk. */
  aside: string;
}

/** What belongs together: a journal replayed into another database would ruin it. The database itself moves last. */
const SUFFIXES = ["-wal", "-shm", "-journal", ""] as const;

/**
 * The database goes aside whole; a copy of `successor` takes its place, or nothing. Throws `Fault` while a gateway runs.
 * Cut short at any moment, `returnDatabase` puts it back.
 */
export function replaceDatabase({ successor, ...place }: SetAside & { successor?: string }): string[] {
  using _still = stillOf(place, "--fix");
  exchangeDatabase({ ...place, ...(successor !== undefined && { successor }) });
  return [`the damaged database: ${place.aside}`];
}

/** The same for whoever holds the lock. */
export function exchangeDatabase({
  successor,
  path,
  aside,
}: Omit<SetAside, "lockFile"> & { successor?: string }): void {
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  const draft = successor === undefined ? undefined : copyDurably(successor, draftName(path));
  moveAll(path, join(aside, basename(path)));
  if (draft !== undefined) renameSync(draft, path);
}

/** What has come about in its place meanwhile is kept, in a folder `later` beside it. */
export function returnDatabase(place: SetAside): void {
  const { path, aside } = place;
  const kept = join(aside, basename(path));
  if (!isAnyThere(kept)) return;
  using _still = stillOf(place, "--undo");
  // Where the database itself did not come to be moved, what lies there is still the same one.
  if (existsSync(kept) && isAnyThere(path)) {
    const later = freeName(join(aside, "later"));
    mkdirSync(later, { mode: 0o700 });
    moveAll(path, join(later, basename(path)));
  }
  if (existsSync(kept)) renameSync(kept, path);
  moveAll(kept, path);
}

/** Why it cannot be put back, or undefined. */
export function returnConflict({ path, lockFile, aside }: SetAside): string | undefined {
  if (mayBeLocked(lockFile)) return `a gateway uses ${path}; it has to be stopped first`;
  return existsSync(join(aside, basename(path))) || existsSync(path) ? undefined : `${aside} is gone`;
}

/** A name nothing has yet, for one that may be taken. */
export function freeName(path: string): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path}-${n}`;
    if (!existsSync(candidate)) return candidate;
  }
}

function stillOf({ path, lockFile }: SetAside, option: "--fix" | "--undo"): Disposable {
  const still = holdStill(lockFile);
  if (still) return still;
  throw new Fault(`a gateway runs and uses ${path}`, {
    why: "A database is not exchanged under a program that has it open.",
    fix: `openclaw stop && openclaw doctor ${option}`,
  });
}

function isAnyThere(path: string): boolean {
  return SUFFIXES.some((suffix) => existsSync(path + suffix));
}

function moveAll(from: string, to: string): void {
  for (const suffix of SUFFIXES) if (existsSync(from + suffix)) renameSync(from + suffix, to + suffix);
}

function copyDurably(from: string, to: string): string {
  copyFileSync(from, to, constants.COPYFILE_EXCL);
  chmodSync(to, 0o600);
  const fd = openSync(to, "r+");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return to;
}

import { accessSync, constants, existsSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { isAlive } from "./alive.ts";
import { databaseFault, SQLITE_BUSY, SQLITE_CORRUPT, SQLITE_NOTADB, sqliteCode } from "./database-fault.ts";
import { emptyInPlace, readFileIfExists, writeFileAtomic } from "./files.ts";
import { ensureFile, openRaw } from "./sqlite.ts";

export interface StateLock extends Disposable {}

export interface LockOwner {
  pid: number;
  port?: number;
  startedAtMs: number;
  version?: string;
  command?: string;
}

export type LockResult =
  /** `stalePid`: the id an earlier owner left in the pid file, dead or not; the lock was free. */
  | { kind: "acquired"; lock: StateLock & { update(owner: LockOwner): void }; stalePid?: number }
  | { kind: "held"; owner?: LockOwner };

/** Two processes that start together step on each other's toes for a moment; the loser waits this long. */
const CONTENTION_MS = 200;

/** A connection that nobody refers to is closed by the garbage collector, and the lock would go with it. */
const held = new Set<DatabaseSync>();

/**
 * At most one process holds the lock. The kernel keeps it, as an exclusive transaction on a tiny SQLite file,
 * so that the death of the owner, however it comes, frees it.
 * The pid file beside it (pid, line feed, owner as JSON; 0600) is for people: never trusted, never required.
 * Throws `Fault` when the lock file cannot be made or opened.
 */
export function acquireLock(lockFile: string, pidFile: string, owner: LockOwner): LockResult {
  const db = lockExclusively(lockFile);
  if (!db) return { kind: "held", owner: readLockOwner(pidFile) };
  held.add(db);
  const stalePid = readPid(pidFile);
  let current = owner;

  function publish(next: LockOwner): void {
    current = next;
    // The pid file is advice: not being able to write it is no reason not to run.
    try {
      writeFileAtomic(pidFile, `${next.pid}\n${JSON.stringify(next)}\n`);
    } catch {}
  }

  publish(owner);
  return {
    kind: "acquired",
    stalePid: stalePid === owner.pid ? undefined : stalePid,
    lock: {
      update: publish,
      [Symbol.dispose]() {
        if (!held.delete(db)) return;
        if (readPid(pidFile) === current.pid) rmSync(pidFile, { force: true });
        db.close();
      },
    },
  };
}

/** Who the pid file names, if that process is alive; undefined for anything else it may contain. */
export function readLockOwner(pidFile: string): LockOwner | undefined {
  const pid = readPid(pidFile);
  if (pid === undefined || !isAlive(pid)) return undefined;
  const { port, startedAtMs, version, command } = parseDetails(pidFile, pid);
  return {
    pid,
    startedAtMs: typeof startedAtMs === "number" ? startedAtMs : 0,
    port: typeof port === "number" ? port : undefined,
    version: typeof version === "string" ? version : undefined,
    command: typeof command === "string" ? command : undefined,
  };
}

/** Asks the kernel; does not disturb an owner. */
export function isLocked(lockFile: string): boolean {
  let db: DatabaseSync | undefined;
  try {
    db = openRaw(lockFile, { readOnly: true, busyMs: 0 });
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return false;
  } catch (error) {
    return sqliteCode(error) === SQLITE_BUSY;
  } finally {
    db?.close();
  }
}

/** The same, but true as well where the lock file is there and may not be looked at. */
export function mayBeLocked(lockFile: string): boolean {
  if (!existsSync(lockFile)) return false;
  try {
    accessSync(lockFile, constants.R_OK);
    return isLocked(lockFile);
  } catch {
    return true;
  }
}

/**
 * Keeps gateways from starting while files of theirs are exchanged. Undefined when one runs. Unlike `acquireLock` it
 * says nothing in the pid file.
 */
export function holdStill(lockFile: string): Disposable | undefined {
  const db = lockExclusively(lockFile);
  return db && { [Symbol.dispose]: () => db.close() };
}

function lockExclusively(lockFile: string): DatabaseSync | undefined {
  let db: DatabaseSync | undefined;
  try {
    ensureFile(lockFile);
    db = openRaw(lockFile, { readOnly: false, busyMs: CONTENTION_MS });
    beginExclusive(db, lockFile);
    return db;
  } catch (error) {
    db?.close();
    if (sqliteCode(error) === SQLITE_BUSY) return undefined;
    throw databaseFault(error, lockFile);
  }
}

/**
 * Content does not matter, only the lock on it, so a damaged file is emptied. In place: if it were replaced,
 * two processes that do so at once would each lock a file of its own.
 */
function beginExclusive(db: DatabaseSync, lockFile: string): void {
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    const code = sqliteCode(error);
    if (code !== SQLITE_NOTADB && code !== SQLITE_CORRUPT) throw error;
    emptyInPlace(lockFile);
    db.exec("BEGIN EXCLUSIVE");
  }
}

function readPid(pidFile: string): number | undefined {
  const first = readAdvice(pidFile).split("\n", 1)[0]!.trim();
  return /^[1-9]\d{0,9}$/.test(first) ? Number(first) : undefined;
}

/** Of the same owner only: a line two that was left behind by another one is worth nothing. */
function parseDetails(pidFile: string, pid: number): Partial<Record<keyof LockOwner, unknown>> {
  try {
    const details = JSON.parse(readAdvice(pidFile).split("\n")[1] ?? "");
    return details?.pid === pid ? details : {};
  } catch {
    return {};
  }
}

/** An unreadable pid file (a folder, no rights) says as much as none. */
function readAdvice(pidFile: string): string {
  try {
    return readFileIfExists(pidFile) ?? "";
  } catch {
    return "";
  }
}

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import {
  databaseFault,
  SQLITE_BUSY,
  SQLITE_CORRUPT,
  SQLITE_NOTADB,
  sqliteCode,
} from "../platform/database-fault.ts";
import { emptyInPlace, makeFolders } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { ensureFile, openRaw } from "../platform/sqlite.ts";
import { shellWord, storageFault } from "../platform/storage-fault.ts";
import { realpathIfExists } from "./include-path.ts";
import { ConfigWriteError } from "./write-error.ts";

/** In a data folder, for the state folder it belongs to. */
const LOCK = "config.lock";
/** Beside a config that is in no state folder of its writer: files it includes are in the same folder or below. */
const SHARED_LOCK = ".openclaw-config.lock";

const MAX_WAIT_MS = 10_000;
const MIN_PAUSE_MS = 2;
const MAX_PAUSE_MS = 20;

type LockedPaths = Pick<Paths, "dataDir" | "stateDir" | "configPath">;

/**
 * Runs `body` while no other process, and nobody else in this one, writes this config or the history of this state
 * folder. The kernel keeps the locks, so that the death of their owner frees them; nothing is ever left to clean up.
 * Throws `ConfigWriteError` ("busy") after ten seconds, and an `AbortError` when `signal` says so.
 */
export async function withWriteLock<T>(
  paths: LockedPaths,
  body: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return await whileLocked(() => locksOf(paths), body, signal);
}

/** The same for who only adds to the history of this state folder, and need not be able to write beside the config. */
export async function withHistoryLock<T>(
  { dataDir }: Pick<Paths, "dataDir">,
  body: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return await whileLocked(() => [join(dataDir, LOCK)], body, signal);
}

/**
 * The lock of the own data folder, and what it takes for state folders with one config to agree; each is asked for only
 * when the one before is held. A config outside of the own state folder has a lock beside it. It may be somebody's own
 * config at the same time: that one makes the lock of its data folder, then looks for the lock beside the config. Here
 * it is the other way round, so that at least one of two sees the lock of the other.
 */
function* locksOf({ dataDir, stateDir, configPath }: LockedPaths): Iterable<string> {
  yield join(dataDir, LOCK);
  const folder = dirname(realpathIfExists(configPath) ?? join(realFolder(configPath), basename(configPath)));
  const shared = join(folder, SHARED_LOCK);
  const isOwn = folder === (realpathIfExists(stateDir) ?? stateDir);
  if (!isOwn || existsSync(shared)) yield shared;
  if (isOwn) return;
  const theirs = join(folder, "data", LOCK);
  if (theirs !== join(realpathIfExists(dataDir) ?? dataDir, LOCK) && existsSync(theirs)) yield theirs;
}

function realFolder(file: string): string {
  return realpathIfExists(dirname(file)) ?? dirname(file);
}

/** All of the locks or none while waiting, so that two who want the same ones never wait for each other. */
async function whileLocked<T>(
  locks: () => Iterable<string>,
  body: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const deadline = performance.now() + MAX_WAIT_MS;
  for (;;) {
    using held = new DisposableStack();
    const busyFile = firstBusy(locks(), held);
    if (busyFile === undefined) return await body();
    if (performance.now() > deadline) throw busy(busyFile);
    held.dispose();
    // At random, so that two who wait do not meet again and again.
    await sleep(MIN_PAUSE_MS + Math.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS), undefined, { signal });
  }
}

/** Takes one lock after the other into `held`, up to the first that somebody else has. */
function firstBusy(locks: Iterable<string>, held: DisposableStack): string | undefined {
  for (const file of locks) {
    const db = openLock(file);
    held.defer(() => db.close());
    if (!tryLock(db, file)) return file;
  }
  return undefined;
}

function openLock(file: string): DatabaseSync {
  const folder = dirname(file);
  try {
    makeFolders(folder);
    ensureFile(file);
    return openRaw(file, { readOnly: false, busyMs: 0 });
  } catch (error) {
    throw storageFault({ error, path: file, ours: folder }) ?? databaseFault(error, file);
  }
}

/** Content does not matter, only the lock on it, so a damaged file is emptied, in place: it stays the same file. */
function tryLock(db: DatabaseSync, file: string): boolean {
  try {
    db.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    const code = sqliteCode(error);
    if (code === SQLITE_NOTADB || code === SQLITE_CORRUPT) emptyInPlace(file);
    else if (code !== SQLITE_BUSY) throw databaseFault(error, file);
    return false;
  }
}

function busy(file: string): ConfigWriteError {
  return new ConfigWriteError("busy", "the config could not be locked for writing", {
    why: `Another process has held ${file} for ${MAX_WAIT_MS / 1_000} s.`,
    fix: `fuser -v ${shellWord(file)}`,
    exitCode: 75,
  });
}

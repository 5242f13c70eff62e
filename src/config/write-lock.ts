import { mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import {
  databaseFault,
  SQLITE_BUSY,
  SQLITE_CORRUPT,
  SQLITE_NOTADB,
  sqliteCode,
} from "../platform/database-fault.ts";
import type { Paths } from "../platform/paths.ts";
import { ensureFile, openRaw } from "../platform/sqlite.ts";
import { shellWord, storageFault } from "../platform/storage-fault.ts";
import { ConfigWriteError } from "./write-error.ts";

const MAX_WAIT_MS = 10_000;
const MIN_PAUSE_MS = 2;
const MAX_PAUSE_MS = 20;

/**
 * Runs `body` while no other process, and nobody else in this one, writes the config of this state folder. The
 * kernel keeps the lock, so that the death of its owner frees it; nothing is ever left to clean up.
 * Throws `ConfigWriteError` ("busy") after ten seconds, and an `AbortError` when `signal` says so.
 */
export async function withWriteLock<T>(
  { dataDir }: Pick<Paths, "dataDir">,
  body: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const file = join(dataDir, "config.lock");
  const db = openLock(file, dataDir);
  try {
    const deadline = performance.now() + MAX_WAIT_MS;
    while (!tryLock(db, file)) {
      if (performance.now() > deadline) throw busy(file);
      // At random, so that two who wait do not meet again and again.
      await sleep(MIN_PAUSE_MS + Math.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS), undefined, { signal });
    }
    return await body();
  } finally {
    db.close();
  }
}

function openLock(file: string, dataDir: string): DatabaseSync {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    ensureFile(file);
    return openRaw(file, { readOnly: false, busyMs: 0 });
  } catch (error) {
    throw storageFault({ error, path: file, ours: dataDir }) ?? databaseFault(error, file);
  }
}

/** Content does not matter, only the lock on it, so a damaged file is emptied, in place: it stays the same file. */
function tryLock(db: DatabaseSync, file: string): boolean {
  try {
    db.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    const code = sqliteCode(error);
    if (code === SQLITE_NOTADB || code === SQLITE_CORRUPT) truncateSync(file);
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

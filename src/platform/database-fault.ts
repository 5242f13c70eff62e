import { accessSync, constants, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { Fault } from "./fault.ts";
import { storageFault } from "./storage-fault.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html */
export const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
export const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
export const SQLITE_NOTADB = 26;

/** The primary result code of an error of `node:sqlite`. */
export function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** A refusal of the disk or a damaged file as a `Fault`; every other error as it is. */
export function databaseFault(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof Fault) return error;
  switch (sqliteCode(error)) {
    case SQLITE_CANTOPEN:
      return cannotOpen(refusal(path) ?? error, path);
    case SQLITE_READONLY:
      return onDisk(as("EACCES", error), path, `SQLITE_READONLY: ${path}: `);
    case SQLITE_FULL:
      return onDisk(as("ENOSPC", error), path, `SQLITE_FULL: ${path}: `);
    case SQLITE_IOERR:
      return onDisk(as("EIO", error), path, `SQLITE_IOERR: ${path}: `);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damaged(error, path);
    default:
      return onDisk(error, path, "");
  }
}

/** Something else has cut or overwritten the file. */
export class DamagedDatabase extends Fault {}

/** Also for errors met before SQLite has the file: the same words, so that one search finds both. */
export function cannotOpen(error: unknown, path: string): unknown {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") {
    return new Fault(`SQLITE_CANTOPEN: there is no database ${path} yet`, {
      why: "It is made when the gateway starts.",
      fix: "openclaw start",
      cause: error,
    });
  }
  return onDisk(error, path, `SQLITE_CANTOPEN: unable to open database file ${path}: `);
}

function onDisk(error: unknown, path: string, prefix: string): unknown {
  return storageFault({ error, path, ours: dirname(path), prefix }) ?? error;
}

function as(code: string, cause: Error): Error {
  return Object.assign(new Error(cause.message, { cause }), { code });
}

/** What the operating system says about the file; SQLite keeps that to itself. */
function refusal(path: string): unknown {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return error;
  }
}

function damaged(error: Error, path: string): DamagedDatabase {
  return new DamagedDatabase(`${path} is damaged: ${error.message}`, { ...putBack(path), cause: error });
}

/** For a database of which there are snapshots: an empty file would start as an empty database, and nobody would notice. */
export function emptiedDatabase(path: string): DamagedDatabase | undefined {
  if (!hasSnapshots(path)) return undefined;
  return new DamagedDatabase(`${path} is damaged: there is not a byte left in it`, putBack(path));
}

/** Without a snapshot there is nothing to put back, and the doctor starts an empty one only when it is told to. */
function putBack(path: string): { why: string; fix: string } {
  const why = "The file was cut or overwritten by something else.";
  return hasSnapshots(path)
    ? { why: `${why} The newest snapshot can take its place.`, fix: "openclaw doctor --fix" }
    : { why: `${why} There is no snapshot of it.`, fix: "openclaw doctor --fix --force" };
}

function hasSnapshots(path: string): boolean {
  try {
    return readdirSync(join(dirname(path), "snapshots")).some((name) => name.endsWith(".sqlite"));
  } catch {
    return false;
  }
}

export function newerDatabase(path: string, found: number, known: number): Fault {
  return new Fault(
    `${path} was written by a newer version: its schema is ${found}, this one knows ${known}`,
    {
      why: "Nothing was changed. Start the newer version again, or give this one a state folder of its own.",
      fix: "OPENCLAW_STATE_DIR=~/.openclaw-older openclaw start",
      exitCode: 78,
    },
  );
}

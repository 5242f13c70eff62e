import { chmodSync, closeSync, fchmodSync, lstatSync, openSync, readSync, statSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { cannotOpen, databaseFault, newerDatabase } from "./database-fault.ts";
import { Fault } from "./fault.ts";
import { openRegular, refusePipe } from "./files.ts";

export type Statement = StatementSync;

export interface Database extends Disposable {
  readonly path: string;
  exec(sql: string): void;
  /** Compiled once per text; the newest 200 are kept. */
  prepare(sql: string): Statement;
  /**
   * All of `body` or nothing. `durable` means on the disk when this returns; without it a power cut may
   * take the last transactions, never half of one. A nested call joins: it is undone alone when it throws
   * and committed with the outer one, which therefore has to be durable if the inner one is.
   * Throws `Fault` 75 when the disk is full.
   */
  transaction<T>(body: () => T, options?: { durable?: boolean }): T;
  /** Gives back memory that is only there to be quick. */
  shrink(): void;
}

export interface DatabaseOptions {
  /** Each brings the schema one version further; only ever append. */
  migrations: readonly string[];
  /** Reads beside the owner; migrates nothing, creates nothing. */
  readOnly?: boolean;
}

const BUSY_MS = 5_000;
const MAX_STATEMENTS = 200;
const MAX_WAL_BYTES = 8_388_608;

/**
 * WAL, foreign keys on, file 0600 whatever the umask is, `user_version` = migrations applied.
 * Throws `Fault`: 78 when the file may not be opened or is of a newer version, 75 when the disk is full or
 * read-only, 1 when the file is damaged.
 */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  const readOnly = options.readOnly ?? false;
  try {
    if (!readOnly) ensureFile(path);
  } catch (error) {
    throw cannotOpen(error, path);
  }
  let db: DatabaseSync | undefined;
  try {
    db = openRaw(path, { readOnly, busyMs: BUSY_MS });
    prepareFile(db, path, options.migrations, readOnly);
    return wrap(db, path);
  } catch (error) {
    if (db) closeAsItWas(db, path);
    throw databaseFault(error, path);
  }
}

/**
 * Whoever closes a database last writes its journal into the file. What could not be opened stays as it was found, so
 * somebody who may only read closes last.
 */
function closeAsItWas(db: DatabaseSync, path: string): void {
  let reader: DatabaseSync | undefined;
  try {
    reader = openRaw(path, { readOnly: true, busyMs: 0 });
    reader.prepare("PRAGMA data_version").get();
  } catch {
    // Nothing is known of it that the first error does not say.
  }
  db.close();
  reader?.close();
}

/** `node:sqlite` without its module being loaded before a database is used. */
export function openRaw(path: string, options: { readOnly: boolean; busyMs: number }): DatabaseSync {
  refusePipe(path);
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  return new DatabaseSync(path, { readOnly: options.readOnly, timeout: options.busyMs });
}

export type DatabaseHeader =
  | { kind: "missing" }
  /** No byte in it. SQLite takes that for a database without tables. */
  | { kind: "empty" }
  | { kind: "foreign" }
  /** `schemaVersion` as of the last checkpoint. */
  | { kind: "database"; schemaVersion: number };

const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";
const USER_VERSION_AT = 60;

/**
 * The first bytes of a database file, https://www.sqlite.org/fileformat.html. Not for a process that has the database
 * open: closing a descriptor of our own would drop the locks SQLite holds on the file.
 */
export function readHeader(path: string): DatabaseHeader {
  const bytes = Buffer.alloc(HEADER_BYTES);
  let fd: number;
  try {
    fd = openRegular(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "missing" };
    throw error;
  }
  try {
    if (readSync(fd, bytes, 0, HEADER_BYTES, 0) === 0) return { kind: "empty" };
  } finally {
    closeSync(fd);
  }
  if (!bytes.toString("latin1").startsWith(MAGIC)) return { kind: "foreign" };
  return { kind: "database", schemaVersion: bytes.readUInt32BE(USER_VERSION_AT) };
}

/** The journal files of SQLite take their mode from the database, so it has to be right before the first write. */
export function ensureFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) {
    const fd = openSync(path, "a", 0o600);
    fchmodSync(fd, 0o600);
    closeSync(fd);
    return;
  }
  // By name: closing a descriptor of our own would drop the locks SQLite holds on the file in this process.
  if (found.uid === process.getuid?.() && (found.mode & 0o077) !== 0 && !lstatSync(path).isSymbolicLink())
    chmodSync(path, 0o600);
}

function prepareFile(db: DatabaseSync, path: string, migrations: readonly string[], readOnly: boolean): void {
  const found = schemaVersion(db);
  if (found > migrations.length) {
    throw newerDatabase(path, found, migrations.length);
  }
  if (readOnly) {
    if (found === migrations.length) return;
    throw new Fault(`${path} is of an older version and is brought up to date when the gateway starts`, {
      fix: "openclaw start",
    });
  }
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = ${MAX_WAL_BYTES}; PRAGMA synchronous = FULL`,
  );
  if (found < migrations.length) migrate(db, migrations);
  db.exec("PRAGMA synchronous = NORMAL");
}

/** All of them or none: each commit of its own would be one more wait for the disk. */
function migrate(db: DatabaseSync, migrations: readonly string[]): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been quicker.
    const missing = migrations.slice(schemaVersion(db));
    for (const sql of missing) db.exec(sql);
    if (missing.length > 0) db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version ?? 0);
}

function wrap(db: DatabaseSync, path: string): Database {
  const statements = new Map<string, Statement>();
  let depth = 0;
  let outerIsDurable = false;

  function prepare(sql: string): Statement {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= MAX_STATEMENTS) statements.delete(statements.keys().next().value!);
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  function run<T>(begin: string, commit: string, rollback: string, body: () => T): T {
    prepare(begin).run();
    depth++;
    try {
      const result = body();
      if (result instanceof Promise) throw new TypeError("the body of a transaction has to be synchronous");
      prepare(commit).run();
      return result;
    } catch (error) {
      // On a full disk SQLite has already rolled back by itself.
      if (db.isTransaction) for (const sql of rollback.split(";")) prepare(sql).run();
      throw databaseFault(error, path);
    } finally {
      depth--;
    }
  }

  function transaction<T>(body: () => T, { durable = false }: { durable?: boolean } = {}): T {
    if (depth > 0) {
      if (durable && !outerIsDurable) throw new Error("a durable transaction cannot join one that is not");
      return run(`SAVEPOINT s${depth}`, `RELEASE s${depth}`, `ROLLBACK TO s${depth};RELEASE s${depth}`, body);
    }
    outerIsDurable = durable;
    if (!durable) return run("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", body);
    db.exec("PRAGMA synchronous = FULL");
    try {
      return run("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", body);
    } finally {
      db.exec("PRAGMA synchronous = NORMAL");
    }
  }

  return {
    path,
    exec: (sql) => db.exec(sql),
    prepare,
    transaction,
    shrink() {
      statements.clear();
      db.exec("PRAGMA shrink_memory");
    },
    [Symbol.dispose]: () => db.close(),
  };
}

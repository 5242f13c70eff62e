import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempDisposableSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Fault } from "./fault.ts";
import { openDatabase, readHeader } from "./sqlite.ts";

const MIGRATIONS = ["CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE)"];

function tempDatabase() {
  const temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-sqlite-"));
  return { path: join(temp.path, "s.sqlite"), [Symbol.dispose]: () => temp.remove() };
}

const valuesIn = (db: { prepare(sql: string): { all(): unknown[] } }) =>
  db
    .prepare("SELECT v FROM t ORDER BY id")
    .all()
    .map((row) => (row as { v: string }).v);

test("migrations run once each, also those added later", () => {
  using temp = tempDatabase();
  {
    using db = openDatabase(temp.path, { migrations: MIGRATIONS });
    db.exec("INSERT INTO t (v) VALUES ('kept')");
  }
  using db = openDatabase(temp.path, {
    migrations: [...MIGRATIONS, "ALTER TABLE t ADD COLUMN w TEXT DEFAULT 'new'"],
  });
  assert.deepEqual({ ...db.prepare("SELECT v, w FROM t").get() }, { v: "kept", w: "new" });
  assert.equal(db.prepare("PRAGMA user_version").get()?.user_version, 2);
});

test("a migration that fails leaves the version before it", () => {
  using temp = tempDatabase();
  const broken = [...MIGRATIONS, "CREATE TABLE half (x); CREATE TABLE t (again)"];
  assert.throws(() => openDatabase(temp.path, { migrations: broken }), /table t already exists/);
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  assert.equal(db.prepare("SELECT count(*) n FROM sqlite_schema WHERE name = 'half'").get()?.n, 0);
});

test("a database of a newer version is refused and not touched", () => {
  using temp = tempDatabase();
  openDatabase(temp.path, { migrations: [...MIGRATIONS, "CREATE TABLE later (x)"] })[Symbol.dispose]();
  for (const readOnly of [false, true]) {
    assert.throws(
      () => openDatabase(temp.path, { migrations: MIGRATIONS, readOnly }),
      (fault: Fault) =>
        fault.exitCode === 78 && /newer version: its schema is 2, this one knows 1/.test(fault.message),
    );
  }
});

test("the settings are WAL, foreign keys and a busy timeout", () => {
  using temp = tempDatabase();
  using db = openDatabase(temp.path, { migrations: [] });
  const pragma = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  assert.equal(pragma("journal_mode"), "wal");
  assert.equal(pragma("foreign_keys"), 1);
  assert.equal(pragma("busy_timeout"), 5_000);
  assert.equal(pragma("synchronous"), 1);
});

test("[CONF-06] database and journals are 0600 under umask 000, and an older file is tightened", (t) => {
  using temp = tempDatabase();
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  writeFileSync(temp.path, "", { mode: 0o666 });
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  db.exec("INSERT INTO t (v) VALUES ('x')");
  for (const suffix of ["", "-wal", "-shm"])
    assert.equal(statSync(temp.path + suffix).mode & 0o777, 0o600, suffix);
});

test("a transaction is all or nothing", () => {
  using temp = tempDatabase();
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  const insert = db.prepare("INSERT INTO t (v) VALUES (?)");
  assert.equal(
    db.transaction(() => insert.run("a").changes),
    1,
  );
  assert.throws(() =>
    db.transaction(() => {
      insert.run("b");
      insert.run("a");
    }),
  );
  assert.deepEqual(valuesIn(db), ["a"]);
});

test("a nested transaction joins: undone alone when it throws, with the outer one when that throws", () => {
  using temp = tempDatabase();
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  const insert = (v: string) => db.prepare("INSERT INTO t (v) VALUES (?)").run(v);
  db.transaction(() => {
    insert("outer");
    assert.throws(() =>
      db.transaction(() => {
        insert("inner, undone");
        throw new Error("inner");
      }),
    );
    db.transaction(() => db.transaction(() => insert("innermost")));
  });
  assert.deepEqual(valuesIn(db), ["outer", "innermost"]);
  assert.throws(() =>
    db.transaction(() => {
      db.transaction(() => insert("gone"));
      throw new Error("outer");
    }),
  );
  assert.deepEqual(valuesIn(db), ["outer", "innermost"]);
});

test("a durable transaction commits with full synchronisation, the next one without", () => {
  using temp = tempDatabase();
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  const level = () => db.prepare("PRAGMA synchronous").get()?.synchronous;
  assert.equal(db.transaction(level, { durable: true }), 2);
  assert.equal(db.transaction(level), 1);
  assert.throws(() => db.transaction(() => assert.fail("inside"), { durable: true }), /inside/);
  assert.equal(db.transaction(level), 1);
  assert.equal(
    db.transaction(() => db.transaction(level, { durable: true }), { durable: true }),
    2,
  );
});

test("a durable transaction does not pretend inside one that is not", () => {
  using temp = tempDatabase();
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  assert.throws(() => db.transaction(() => db.transaction(() => 1, { durable: true })), /durable/);
});

test("a body that returns a promise is refused and undone", () => {
  using temp = tempDatabase();
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  const body = async () => db.exec("INSERT INTO t (v) VALUES ('x')");
  assert.throws(() => db.transaction(body), /synchronous/);
  assert.deepEqual(valuesIn(db), []);
});

test("what a killed process had committed durably is there, its open transaction is not", () => {
  using temp = tempDatabase();
  const { signal } = spawnSync(
    process.execPath,
    [
      "--input-type=module-typescript",
      "-e",
      `import { openDatabase, readHeader } from "./sqlite.ts";
       const db = openDatabase(${JSON.stringify(temp.path)}, { migrations: ${JSON.stringify(MIGRATIONS)} });
       db.transaction(() => db.exec("INSERT INTO t (v) VALUES ('kept')"), { durable: true });
       db.exec("BEGIN; INSERT INTO t (v) VALUES ('open')");
       process.kill(process.pid, "SIGKILL");`,
    ],
    { cwd: import.meta.dirname },
  );
  assert.equal(signal, "SIGKILL");
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  assert.deepEqual(valuesIn(db), ["kept"]);
  assert.equal(db.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
});

test("a reader sees what its owner committed and cannot write", () => {
  using temp = tempDatabase();
  using owner = openDatabase(temp.path, { migrations: MIGRATIONS });
  using reader = openDatabase(temp.path, { migrations: MIGRATIONS, readOnly: true });
  owner.transaction(() => owner.exec("INSERT INTO t (v) VALUES ('x')"));
  assert.deepEqual(valuesIn(reader), ["x"]);
  assert.throws(() => reader.exec("DELETE FROM t"));
});

test("a reader of a database that is missing or older says how to get one", () => {
  using temp = tempDatabase();
  const asReader = (migrations: string[]) => () => openDatabase(temp.path, { migrations, readOnly: true });
  assert.throws(asReader(MIGRATIONS), (fault: Fault) => fault.fix === "openclaw start");
  openDatabase(temp.path, { migrations: MIGRATIONS })[Symbol.dispose]();
  assert.throws(asReader([...MIGRATIONS, "SELECT 1"]), (fault: Fault) => fault.fix === "openclaw start");
});

test("a full disk is temporary, and what was stored before is kept", () => {
  using temp = tempDatabase();
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  db.transaction(() => db.exec("INSERT INTO t (v) VALUES ('kept')"));
  db.exec("PRAGMA max_page_count = 4");
  assert.throws(
    () =>
      db.transaction(() => db.prepare("INSERT INTO t (v) VALUES (?)").run("x".repeat(100_000)), {
        durable: true,
      }),
    (fault: Fault) => fault.exitCode === 75 && fault.message.startsWith("SQLITE_FULL: "),
  );
  db.exec("PRAGMA max_page_count = 100000");
  db.transaction(() => db.exec("INSERT INTO t (v) VALUES ('after')"));
  assert.deepEqual(valuesIn(db), ["kept", "after"]);
});

test("a file that is no database is named as damaged, with the way to a fresh one", () => {
  using temp = tempDatabase();
  writeFileSync(temp.path, "not a database, not at all".repeat(50));
  assert.throws(
    () => openDatabase(temp.path, { migrations: MIGRATIONS }),
    (fault: Fault) =>
      fault.exitCode === 1 && /is damaged/.test(fault.message) && /^openclaw doctor --fix/.test(fault.fix!),
  );
});

test("a folder in place of the file, or none around it, is a refusal in words", () => {
  using temp = tempDatabase();
  mkdirSync(temp.path);
  assert.throws(() => openDatabase(temp.path, { migrations: [] }), /SQLITE_CANTOPEN|unable to open/);
  assert.throws(() => openDatabase(join(temp.path, "none", "x"), { migrations: [] }), /SQLITE_CANTOPEN/);
});

test("a statement is compiled once per text, and many texts do not pile up", () => {
  using temp = tempDatabase();
  using db = openDatabase(temp.path, { migrations: MIGRATIONS });
  const first = db.prepare("SELECT 1");
  assert.equal(db.prepare("SELECT 1"), first);
  for (let n = 0; n < 500; n++) db.prepare(`SELECT ${n} AS n`);
  assert.notEqual(db.prepare("SELECT 1"), first);
});

test("importing prints no warning and does not load SQLite", () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      "--input-type=module-typescript",
      "-e",
      `import "./sqlite.ts"; console.log(process.moduleLoadList.filter((name) => /sqlite/.test(name)).join());`,
    ],
    { cwd: import.meta.dirname, encoding: "utf8" },
  );
  assert.deepEqual([stdout.trim(), stderr], ["", ""]);
});

test("the header tells a database from an empty file, from something else and from nothing", () => {
  using temp = tempDatabase();
  assert.deepEqual(readHeader(temp.path), { kind: "missing" });
  writeFileSync(temp.path, "");
  assert.deepEqual(readHeader(temp.path), { kind: "empty" });
  writeFileSync(temp.path, "x");
  assert.deepEqual(readHeader(temp.path), { kind: "foreign" });
  writeFileSync(temp.path, "");
  openDatabase(temp.path, { migrations: MIGRATIONS })[Symbol.dispose]();
  assert.deepEqual(readHeader(temp.path), { kind: "database", schemaVersion: 1 });
});

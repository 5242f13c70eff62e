import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { acquireLock } from "../platform/lock.ts";
import { replaceDatabase, returnConflict, returnDatabase } from "./replace-database.ts";

function makePlace() {
  const temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-replace-"));
  const path = join(temp.path, "sessions.sqlite");
  const successor = join(temp.path, "snapshot.sqlite");
  writeFileSync(path, "damaged");
  writeFileSync(`${path}-wal`, "its journal");
  writeFileSync(successor, "sound");
  const place = { path, lockFile: join(temp.path, "gateway.lock"), aside: join(temp.path, "damaged/1") };
  return {
    ...place,
    place,
    successor,
    text: (file: string) => readFileSync(file, "utf8"),
    [Symbol.dispose]: () => temp.remove(),
  };
}

test("the database goes aside with its journal, and comes back with it; what came in between is kept", () => {
  using here = makePlace();
  const { path, place, aside, successor, text } = here;
  replaceDatabase({ ...place, successor });
  assert.equal(text(path), "sound");
  assert.equal(existsSync(`${path}-wal`), false);
  assert.equal(text(successor), "sound", "the snapshot itself stays");
  writeFileSync(path, "sound, and more");
  writeFileSync(`${path}-wal`, "its new journal");

  assert.equal(returnConflict(place), undefined);
  returnDatabase(place);
  assert.deepEqual([text(path), text(`${path}-wal`)], ["damaged", "its journal"]);
  const later = join(aside, "later/sessions.sqlite");
  assert.deepEqual([text(later), text(`${later}-wal`)], ["sound, and more", "its new journal"]);
});

test("without a successor nothing takes its place", () => {
  using here = makePlace();
  replaceDatabase(here.place);
  assert.equal(existsSync(here.path), false);
  returnDatabase(here.place);
  assert.equal(here.text(here.path), "damaged");
});

test("under a running gateway nothing is moved, in neither direction", () => {
  using here = makePlace();
  const { place, lockFile, path } = here;
  const pidFile = `${lockFile}.pid`;
  const result = acquireLock(lockFile, pidFile, { pid: process.pid, startedAtMs: 1 });
  assert.ok(result.kind === "acquired");
  assert.throws(() => replaceDatabase(place), /a gateway runs and uses .*sessions\.sqlite/);
  assert.match(returnConflict(place) ?? "", /has to be stopped first/);
  assert.equal(here.text(path), "damaged");
  result.lock[Symbol.dispose]();
});

const CUTS = [
  { name: "before anything was moved", cut: () => {} },
  {
    name: "between the journal and the database",
    cut: ({ path, aside }: { path: string; aside: string }) =>
      renameSync(`${path}-wal`, join(aside, "sessions.sqlite-wal")),
  },
  {
    name: "before the successor was in place",
    cut({ path, aside }: { path: string; aside: string }) {
      renameSync(`${path}-wal`, join(aside, "sessions.sqlite-wal"));
      renameSync(path, join(aside, "sessions.sqlite"));
    },
  },
];

for (const { name, cut } of CUTS) {
  test(`cut short ${name}, it can be taken back`, () => {
    using here = makePlace();
    mkdirSync(here.aside, { recursive: true });
    cut(here.place);
    assert.equal(returnConflict(here.place), undefined);
    returnDatabase(here.place);
    assert.equal(here.text(here.path), "damaged");
    assert.equal(here.text(`${here.path}-wal`), "its journal");
  });
}

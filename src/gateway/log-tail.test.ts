import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { tailLog } from "./log-tail.ts";

function folder() {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-tail-"));
  const file = join(dir, "gateway.log");
  return {
    dir,
    file,
    tail: (cursor?: string, bounds = {}) =>
      tailLog({ file, cursor, limit: 100, maxBytes: 10_000, ...bounds }),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}

test("a cursor gets only what is new, and a line only when it is whole", () => {
  using log = folder();
  writeFileSync(log.file, "one\ntwo\nthr");
  const first = log.tail();
  assert.deepEqual(first.lines, ["one", "two"]);
  assert.deepEqual(log.tail(first.cursor).lines, []);
  appendFileSync(log.file, "ee\nfour\n");
  assert.deepEqual(log.tail(first.cursor).lines, ["three", "four"]);
});

test("limits keep the newest lines and say that older ones are missing", () => {
  using log = folder();
  writeFileSync(log.file, "one\ntwo\nthree\n");
  assert.deepEqual(log.tail(undefined, { limit: 1 }).lines, ["three"]);
  const cut = log.tail(undefined, { maxBytes: 8 });
  assert.deepEqual(cut.lines, ["three"]);
  assert.equal(cut.truncated, true);
});

test("nothing is lost over a rotation: the rest of the old file comes first", () => {
  using log = folder();
  writeFileSync(log.file, "one\n");
  const { cursor } = log.tail();
  appendFileSync(log.file, "last of the old\n");
  renameSync(log.file, join(log.dir, "gateway.1.log"));
  writeFileSync(log.file, "first of the new\n");
  const rest = log.tail(cursor);
  assert.deepEqual(rest.lines, ["last of the old"]);
  assert.equal(rest.reset, false);
  assert.deepEqual(log.tail(rest.cursor).lines, ["first of the new"]);
});

test("a cursor of a file that is gone starts over and says so", () => {
  using log = folder();
  writeFileSync(log.file, "one\n");
  const fresh = log.tail("999999999:5");
  assert.deepEqual(fresh.lines, ["one"]);
  assert.equal(fresh.reset, true);
});

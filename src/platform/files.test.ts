import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { draftName, readDraftName, readFileIfExists, sha256Hex, writeFileAtomic } from "./files.ts";

const tempFolder = () => mkdtempDisposableSync(join(tmpdir(), "openclaw-files-"));

test("replaces text and bytes, large ones too", () => {
  using temp = tempFolder();
  const path = join(temp.path, "f");
  writeFileAtomic(path, "old");
  writeFileAtomic(path, "néw");
  assert.equal(readFileSync(path, "utf8"), "néw");
  const bytes = new Uint8Array(3_000_000).fill(7);
  writeFileAtomic(path, bytes);
  assert.ok(readFileSync(path).equals(bytes));
  assert.deepEqual(readdirSync(temp.path), ["f"]);
});

for (const umask of [0o000, 0o077, 0o277]) {
  test(`[CONF-06] [CONF-05] the mode is 0600 under umask ${umask.toString(8)}, also where a wider file was`, (t) => {
    using temp = tempFolder();
    const path = join(temp.path, "f");
    writeFileSync(path, "wide", { mode: 0o666 });
    const before = process.umask(umask);
    t.after(() => process.umask(before));
    writeFileAtomic(path, "x");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileAtomic(path, "x", { mode: 0o644 });
    assert.equal(statSync(path).mode & 0o777, 0o644);
  });
}

test("a failed rename leaves no draft and the old bytes", () => {
  using temp = tempFolder();
  const path = join(temp.path, "folder");
  mkdirSync(path);
  writeFileSync(join(path, "inside"), "old");
  assert.throws(() => writeFileAtomic(path, "new"), { code: /EISDIR|ENOTEMPTY|EEXIST|EPERM/ });
  assert.deepEqual(readdirSync(temp.path), ["folder"]);
  assert.equal(readFileSync(join(path, "inside"), "utf8"), "old");
});

test("a failed write leaves no draft and the old bytes", () => {
  using temp = tempFolder();
  const path = join(temp.path, "f");
  writeFileAtomic(path, "old");
  const unwritable = {
    get length(): number {
      throw new Error("no bytes");
    },
  } as unknown as Uint8Array;
  assert.throws(() => writeFileAtomic(path, unwritable), /no bytes/);
  assert.deepEqual(readdirSync(temp.path), ["f"]);
  assert.equal(readFileSync(path, "utf8"), "old");
});

test("a folder that is missing is reported as such", () => {
  using temp = tempFolder();
  assert.throws(() => writeFileAtomic(join(temp.path, "none", "f"), "x"), { code: "ENOENT" });
});

test("[CONF-15] a symlink in the way is replaced; what it points to stays untouched", () => {
  using temp = tempFolder();
  const outside = join(temp.path, "outside");
  writeFileSync(outside, "canary");
  symlinkSync(outside, join(temp.path, "f"));
  writeFileAtomic(join(temp.path, "f"), "ours");
  assert.equal(readFileSync(outside, "utf8"), "canary");
  assert.equal(readFileSync(join(temp.path, "f"), "utf8"), "ours");
});

test("a file that does not exist reads as undefined, a folder does not", () => {
  using temp = tempFolder();
  assert.equal(readFileIfExists(join(temp.path, "none")), undefined);
  assert.throws(() => readFileIfExists(temp.path), { code: "EISDIR" });
});

test("hashes text and bytes alike", () => {
  const wanted = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  assert.equal(sha256Hex("hello"), wanted);
  assert.equal(sha256Hex(Buffer.from("hello")), wanted);
});

test("the name of a draft tells whose it is", () => {
  assert.deepEqual(readDraftName(draftName("openclaw.json")), { file: "openclaw.json", pid: process.pid });
  for (const name of ["openclaw.json", "notes.draft", "x.12.draft", "x.12-ABC.draft"])
    assert.equal(readDraftName(name), undefined, name);
});

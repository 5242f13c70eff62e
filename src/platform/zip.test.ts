import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { unzip } from "../../test/kit/unzip.ts";
import { zip } from "./zip.ts";

const ENTRIES = [
  { name: "summary.md", data: Buffer.from("# hello\n") },
  { name: "logs/größe.jsonl", data: Buffer.from("x".repeat(100_000)) },
  { name: "empty.json", data: Buffer.alloc(0) },
];
const AT = new Date(2026, 10, 26, 13, 45, 58);

test("what goes in comes out, small, and only for its owner", () => {
  const archive = zip(ENTRIES, AT);
  assert.ok(archive.length < 2_000);
  const files = unzip(archive);
  assert.deepEqual(
    [...files.keys()],
    ENTRIES.map(({ name }) => name),
  );
  for (const { name, data } of ENTRIES) {
    assert.deepEqual(files.get(name)?.data, data);
    assert.equal(files.get(name)?.mode, 0o100600);
  }
});

const python = spawnSync("python3", ["--version"]).status === 0;

test("a foreign reader finds nothing wrong with it", { skip: !python }, () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-zip-"));
  const path = join(temp.path, "a.zip");
  writeFileSync(path, zip(ENTRIES, AT));
  const script = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
print(json.dumps([z.testzip(), [[i.filename, i.file_size, i.date_time] for i in z.infolist()]]))`;
  const { stdout } = spawnSync("python3", ["-c", script, path], { encoding: "utf8" });
  const date = [2026, 11, 26, 13, 45, 58];
  assert.deepEqual(JSON.parse(stdout), [null, ENTRIES.map(({ name, data }) => [name, data.length, date])]);
});

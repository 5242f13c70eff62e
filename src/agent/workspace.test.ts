import assert from "node:assert/strict";
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "../platform/fault.ts";
import { bootstrapWorkspace, readWorkspaceFiles } from "./workspace.ts";

function folder() {
  const path = mkdtempSync(join(tmpdir(), "workspace-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test("a missing workspace is made, private, with its three files", () => {
  using base = folder();
  const dir = join(base.path, "deep", "workspace");
  const files = readWorkspaceFiles(dir);
  assert.deepEqual(
    files.map(({ name }) => name),
    ["AGENTS.md", "SOUL.md", "USER.md"],
  );
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  assert.equal(statSync(join(dir, "SOUL.md")).mode & 0o777, 0o600);
});

test("an empty workspace, as a container mounts it, is furnished", () => {
  using base = folder();
  assert.equal(readWorkspaceFiles(base.path).length, 3);
});

test("what is there already is never changed", () => {
  using base = folder();
  chmodSync(base.path, 0o755);
  writeFileSync(join(base.path, "SOUL.md"), "mine");
  bootstrapWorkspace(base.path);
  assert.equal(readFileSync(join(base.path, "SOUL.md"), "utf8"), "mine");
  assert.equal(statSync(base.path).mode & 0o777, 0o755);
});

test("a place that cannot be written is a fault with its fix", () => {
  using base = folder();
  writeFileSync(join(base.path, "file"), "");
  assert.throws(
    () => bootstrapWorkspace(join(base.path, "file", "workspace")),
    (fault) => fault instanceof Fault && fault.exitCode === 78 && /^sudo chown/.test(fault.fix ?? ""),
  );
});

test("files are cut to 20,000 characters each and 60,000 together", () => {
  using base = folder();
  for (const name of ["AGENTS.md", "SOUL.md", "USER.md", "TOOLS.md", "IDENTITY.md"]) {
    writeFileSync(join(base.path, name), "語".repeat(30_000));
  }
  const files = readWorkspaceFiles(base.path);
  assert.ok(files.every(({ text }) => text.length <= 20_100));
  assert.ok(files.reduce((sum, { text }) => sum + text.length, 0) <= 60_000);
  assert.match(files[0]?.text ?? "", /語\n\[… the rest of this file is left out\]$/);
});

test("an unchanged file is not read again, a changed one is", () => {
  using base = folder();
  const path = join(base.path, "TOOLS.md");
  const tools = () => readWorkspaceFiles(base.path).find(({ name }) => name === "TOOLS.md")?.text;
  writeFileSync(path, "one");
  utimesSync(path, 1000, 1000);
  assert.equal(tools(), "one");
  writeFileSync(path, "two");
  utimesSync(path, 1000, 1000);
  assert.equal(tools(), "one");
  utimesSync(path, 2000, 2000);
  assert.equal(tools(), "two");
});

test("only regular files enter the prompt", () => {
  using base = folder();
  symlinkSync("/dev/zero", join(base.path, "TOOLS.md"));
  assert.deepEqual(readWorkspaceFiles(base.path), []);
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as v from "valibot";
import type { AnyTool, ToolContext, ToolResult } from "../agent/tool.ts";
import list from "./list.ts";
import read from "./read.ts";
import write from "./write.ts";

function workspace(files: Record<string, string | Uint8Array> = {}) {
  const path = mkdtempSync(join(tmpdir(), "tools-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  const context: ToolContext = {
    agentId: "a",
    sessionKey: "s",
    runId: "r",
    toolCallId: "t",
    workspace: path,
    childEnv: {},
    signal: new AbortController().signal,
    progress() {},
  };
  return {
    path,
    run: (tool: AnyTool, input: object): Promise<ToolResult> => tool.run(v.parse(tool.input, input), context),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

test("read gives plain text, whole", async () => {
  using place = workspace({ "a.md": "one\ntwo 🦞\n" });
  const { text, details } = await place.run(read, { path: "a.md" });
  assert.equal(text, "one\ntwo 🦞\n");
  assert.deepEqual(details, { path: "a.md", bytes: 13 });
});

const PARTS = [
  { input: { offset: 2 }, want: "two\nthree" },
  { input: { offset: 2, limit: 1 }, want: "two\n\n[cut before line 3; go on with offset 3]" },
  { input: { limit: 3 }, want: "one\ntwo\nthree" },
  { input: { offset: 9 }, want: "(no line 9)" },
];
for (const { input, want } of PARTS) {
  test(`read with ${JSON.stringify(input)}`, async () => {
    using place = workspace({ "a.md": "one\ntwo\nthree" });
    assert.equal((await place.run(read, { path: "a.md", ...input })).text, want);
  });
}

test("a long file is read in parts that miss and repeat nothing", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${"é".repeat(index % 40)}\n`);
  using place = workspace({ "long.txt": lines.join("") });
  let whole = "";
  let offset = 1;
  for (let part = 0; part < 100; part++) {
    const { text } = await place.run(read, { path: "long.txt", offset });
    assert.ok(Buffer.byteLength(text) <= 64 * 1024);
    const cut = /\n\[cut before line (\d+); go on with offset \d+\]$/.exec(text);
    whole += cut ? text.slice(0, cut.index) : text;
    if (!cut) break;
    offset = Number(cut[1]);
  }
  assert.equal(whole, lines.join(""));
});

test("a line longer than an answer is cut and the next one can be read", async () => {
  using place = workspace({ "wide.txt": `${"語".repeat(100_000)}\nafter` });
  const { text } = await place.run(read, { path: "wide.txt" });
  assert.ok(Buffer.byteLength(text) <= 64 * 1024);
  assert.match(text, /^語+\n\[cut before line 2; go on with offset 2\]$/);
  assert.equal((await place.run(read, { path: "wide.txt", offset: 2 })).text, "after");
});

test("read refuses what is no text file", async () => {
  using place = workspace({
    nul: Uint8Array.of(65, 0, 66),
    latin: Uint8Array.of(0x67, 0xe9, 0x67),
    "d/x": "",
  });
  execFileSync("mkfifo", [join(place.path, "pipe")]);
  await assert.rejects(place.run(read, { path: "nul" }), /binary/);
  await assert.rejects(place.run(read, { path: "latin" }), /binary/);
  await assert.rejects(place.run(read, { path: "d" }), /folder; use list/);
  await assert.rejects(place.run(read, { path: "pipe" }), /not a regular file/);
  await assert.rejects(place.run(read, { path: "missing" }), /ENOENT/);
});

test("write makes folders, private files, and leaves nothing half-written", async () => {
  using place = workspace();
  const { text } = await place.run(write, { path: "notes/today/a.md", content: "héllo" });
  assert.equal(text, "wrote notes/today/a.md (6 bytes)");
  assert.equal(readFileSync(join(place.path, "notes/today/a.md"), "utf8"), "héllo");
  assert.equal(statSync(join(place.path, "notes/today/a.md")).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(place.path, "notes/today")), ["a.md"]);
});

test("write replaces or appends, and a script stays executable", async () => {
  using place = workspace({ "run.sh": "#!/bin/sh\n" });
  chmodSync(join(place.path, "run.sh"), 0o755);
  assert.match(
    (await place.run(write, { path: "run.sh", content: "ls\n", append: true })).text,
    /^added to run\.sh/,
  );
  assert.equal(readFileSync(join(place.path, "run.sh"), "utf8"), "#!/bin/sh\nls\n");
  assert.match(
    (await place.run(write, { path: "run.sh", content: "new" })).text,
    /^replaced run\.sh \(3 bytes\)/,
  );
  assert.equal(readFileSync(join(place.path, "run.sh"), "utf8"), "new");
  assert.equal(statSync(join(place.path, "run.sh")).mode & 0o777, 0o755);
});

test("write refuses folders", async () => {
  using place = workspace({ "d/x": "" });
  await assert.rejects(place.run(write, { path: "d", content: "" }), /not a regular file/);
  await assert.rejects(place.run(write, { path: ".", content: "" }), /workspace itself/);
});

test("list is sorted, marks folders and gives sizes; depth goes down", async () => {
  using place = workspace({ "b.md": "12345", "a/inner/x": "1", "a/y": "", "node_modules/m/index.js": "" });
  assert.equal((await place.run(list, {})).text, "a/\nb.md (5 bytes)\nnode_modules/");
  assert.equal(
    (await place.run(list, { depth: 4 })).text,
    "a/\na/inner/\na/inner/x (1 bytes)\na/y (0 bytes)\nb.md (5 bytes)\nnode_modules/",
  );
  assert.equal((await place.run(list, { path: "a" })).text, "inner/\ny (0 bytes)");
});

test("list says so when there is nothing, and when there is more than 500", async () => {
  using empty = workspace();
  assert.equal((await empty.run(list, { path: "" })).text, "(empty)");
  using full = workspace(Object.fromEntries(Array.from({ length: 510 }, (_, index) => [`f${index}`, ""])));
  const { text, details } = await full.run(list, {});
  assert.equal(text.split("\n").length, 501);
  assert.match(text, /\[more than fits; the first 500 entries are shown\]$/);
  assert.deepEqual(details, { path: ".", entries: 500, truncated: true });
});

test("list names links and does not follow them", async () => {
  using place = workspace();
  execFileSync("ln", ["-s", "/etc", join(place.path, "etc")]);
  assert.equal((await place.run(list, { depth: 4 })).text, "etc (link)");
});

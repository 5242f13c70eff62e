import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { AnyTool, ToolContext } from "../agent/tool.ts";
import { openJail } from "./jail.ts";
import list from "./list.ts";
import read from "./read.ts";
import write from "./write.ts";

/** A workspace beside a secret it must not reach. */
function prison() {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "jail-")));
  const root = join(base, "workspace");
  const secret = join(base, "secret.txt");
  mkdirSync(join(root, "sub"), { recursive: true });
  mkdirSync(join(base, "workspace-twin"));
  writeFileSync(join(root, "sub", "inside.txt"), "in");
  writeFileSync(secret, "canary");
  symlinkSync(secret, join(root, "link-to-file"));
  symlinkSync(base, join(root, "link-to-folder"));
  symlinkSync(join(base, "new.txt"), join(root, "link-to-nowhere"));
  symlinkSync("sub", join(root, "link-inside"));
  return { base, root, secret, [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }) };
}

function contextIn(workspace: string): ToolContext {
  const signal = new AbortController().signal;
  return {
    agentId: "a",
    sessionKey: "s",
    runId: "r",
    toolCallId: "t",
    workspace,
    childEnv: {},
    signal,
    progress() {},
  };
}

function escapes(base: string): string[] {
  return [
    "..",
    "../secret.txt",
    "sub/../../secret.txt",
    "/etc/passwd",
    join(base, "secret.txt"),
    join(base, "workspace-twin"),
    "link-to-file",
    "link-to-folder/secret.txt",
    "link-to-folder/new/deep.txt",
    "link-to-nowhere",
    "link-to-nowhere/x",
  ];
}

test("[FILE-02] [FILE-06] no spelling of a path leads out of the workspace", async () => {
  using place = prison();
  const jail = await openJail(place.root);
  for (const path of escapes(place.base)) {
    await assert.rejects(jail.resolve(path), /outside the workspace/, path);
  }
  await assert.rejects(jail.resolve("a\0b"), /NUL/);
});

test("[FILE-06] no tool reads, lists or writes outside, and the canary stays", async () => {
  using place = prison();
  const context = contextIn(place.root);
  const attempts: [AnyTool, (path: string) => unknown][] = [
    [read, (path) => ({ path, offset: 1, limit: 10 })],
    [list, (path) => ({ path, depth: 1 })],
    [write, (path) => ({ path, content: "overwritten", append: false })],
    [write, (path) => ({ path, content: "appended", append: true })],
  ];
  for (const [tool, input] of attempts) {
    for (const path of escapes(place.base))
      await assert.rejects(tool.run(input(path), context), `${tool.name} ${path}`);
  }
  assert.equal(readFileSync(place.secret, "utf8"), "canary");
  assert.throws(() => readFileSync(join(place.base, "new.txt")), /ENOENT/);
});

const INSIDE = [
  { path: "sub/inside.txt", shown: "sub/inside.txt" },
  { path: "sub/../sub/inside.txt", shown: "sub/inside.txt" },
  { path: "link-inside/inside.txt", shown: "sub/inside.txt" },
  { path: "link-inside/new/deep.txt", shown: "sub/new/deep.txt" },
  { path: "..hidden", shown: "..hidden" },
  { path: ".", shown: "." },
];
for (const { path, shown } of INSIDE) {
  test(`"${path}" is ${shown}`, async () => {
    using place = prison();
    const jail = await openJail(place.root);
    assert.equal(jail.show(await jail.resolve(path)), shown);
  });
}

test("an absolute path inside is taken, also when the workspace itself is reached through a link", async () => {
  using place = prison();
  const alias = join(place.base, "alias");
  symlinkSync(place.root, alias);
  const jail = await openJail(alias);
  for (const path of [join(alias, "sub/inside.txt"), join(place.root, "sub/inside.txt")]) {
    assert.equal(jail.show(await jail.resolve(path)), "sub/inside.txt");
  }
});

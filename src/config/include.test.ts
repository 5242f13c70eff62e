import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { followIncludes } from "./include.ts";
import { InvalidConfig } from "./invalid.ts";
import { parseConfigText } from "./parse.ts";

/** A folder with `config/` in it, and beside it a file that no include may reach. */
function tempConfig(files: Record<string, string>) {
  const folder = mkdtempDisposableSync(join(tmpdir(), "openclaw-include-"));
  const dir = join(folder.path, "config");
  for (const [name, text] of Object.entries({ "../outside.json": '{"secret": 1}', ...files })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  const file = join(dir, "openclaw.json");
  const follow = async () => {
    const text = files["openclaw.json"]!;
    const { value } = await parseConfigText(text, file);
    return await followIncludes({ file, text, value, mount: [] });
  };
  return { dir, file, follow, [Symbol.dispose]: () => folder.remove() };
}

const MERGES: [string, Record<string, string>, unknown][] = [
  ["one file at the root", { "openclaw.json": '{"$include": "./a.json5"}', "a.json5": "{a: 1}" }, { a: 1 }],
  [
    "own keys over included ones, objects merged",
    {
      "openclaw.json": '{"g": {"$include": "a.json", "x": {"p": 1}}}',
      "a.json": '{"x": {"p": 0, "q": 2}, "y": 3}',
    },
    { g: { x: { p: 1, q: 2 }, y: 3 } },
  ],
  [
    "later files over earlier ones, lists joined",
    {
      "openclaw.json": '{"$include": ["a.json", "b.json"]}',
      "a.json": '{"x": 1, "l": [1]}',
      "b.json": '{"x": 2, "l": [2]}',
    },
    { x: 2, l: [1, 2] },
  ],
  [
    "files of files, each from its own folder",
    {
      "openclaw.json": '{"a": {"$include": "sub/a.json"}}',
      "sub/a.json": '{"$include": "b.json"}',
      "sub/b.json": '{"z": 1}',
    },
    { a: { z: 1 } },
  ],
  [
    "a list, where it stands alone",
    { "openclaw.json": '{"l": {"$include": "l.json"}}', "l.json": "[1, 2]" },
    { l: [1, 2] },
  ],
  [
    "several lists, joined",
    { "openclaw.json": '{"l": {"$include": ["a.json", "b.json"]}}', "a.json": "[1]", "b.json": "[2]" },
    { l: [1, 2] },
  ],
  [
    "an entry of a list",
    { "openclaw.json": '{"l": [{"$include": "a.json"}]}', "a.json": '{"id": "x"}' },
    { l: [{ id: "x" }] },
  ],
];
for (const [name, files, want] of MERGES) {
  test(`includes ${name}`, async () => {
    using config = tempConfig(files);
    const { value, sources } = await config.follow();
    assert.deepEqual(value, want);
    assert.equal(sources[0]!.file, config.file);
    assert.equal(sources.length, Object.keys(files).length);
  });
}

test("an absolute path inside of the folder is fine", async () => {
  using config = tempConfig({ "openclaw.json": "{}", "a.json": '{"a": 1}' });
  const text = JSON.stringify({ $include: join(config.dir, "a.json") });
  const main = { file: config.file, text, value: JSON.parse(text), mount: [] };
  assert.deepEqual((await followIncludes(main)).value, { a: 1 });
});

const REFUSED: [string, Record<string, string>, (dir: string) => void, RegExp][] = [
  [
    "[CONF-02] a path that climbs out",
    { "openclaw.json": '{"$include": "../outside.json"}' },
    () => {},
    /lies outside of/,
  ],
  [
    "[CONF-02] an absolute path elsewhere",
    { "openclaw.json": '{"$include": "/etc/hostname"}' },
    () => {},
    /outside of|not found/,
  ],
  [
    "[CONF-02] [FILE-12] a symlink to a file elsewhere",
    { "openclaw.json": '{"$include": "a.json"}' },
    (dir) => symlinkSync("../outside.json", join(dir, "a.json")),
    /lies outside of/,
  ],
  [
    "[CONF-02] a symlinked folder",
    { "openclaw.json": '{"$include": "sub/outside.json"}' },
    (dir) => symlinkSync("..", join(dir, "sub")),
    /lies outside of/,
  ],
  [
    "[CONF-02] a hard link",
    { "openclaw.json": '{"$include": "a.json"}' },
    (dir) => linkSync(join(dir, "../outside.json"), join(dir, "a.json")),
    /is a hard link/,
  ],
  [
    "a missing file",
    { "openclaw.json": '{\n  "g": {"$include": "no.json"}\n}' },
    () => {},
    /File not found: "no.json"/,
  ],
  ["itself", { "openclaw.json": '{"$include": "openclaw.json"}' }, () => {}, /includes itself/],
  [
    "a circle",
    {
      "openclaw.json": '{"$include": "a.json"}',
      "a.json": '{"x": {"$include": "b.json"}}',
      "b.json": '{"$include": "a.json"}',
    },
    () => {},
    /"a.json" includes itself/,
  ],
  [
    "a list beside keys",
    { "openclaw.json": '{"l": {"$include": "l.json", "x": 1}}', "l.json": "[1]" },
    () => {},
    /need files that hold an object/,
  ],
  ["a number", { "openclaw.json": '{"$include": 7}' }, () => {}, /expected a file name/],
  ["a broken file", { "openclaw.json": '{"$include": "a.json"}', "a.json": "{" }, () => {}, /SyntaxError/],
  [
    "[CONF-01] a reserved key",
    { "openclaw.json": '{"$include": "a.json"}', "a.json": '{"__proto__": {"p": 1}}' },
    () => {},
    /Reserved key/,
  ],
  [
    "more than ten levels",
    Object.fromEntries([
      ["openclaw.json", '{"$include": "0.json"}'],
      ...Array.from({ length: 12 }, (_, i) => [`${i}.json`, `{"$include": "${i + 1}.json"}`]),
    ]),
    () => {},
    /Nested deeper than 10 files/,
  ],
];
for (const [name, files, prepare, message] of REFUSED) {
  test(`refuses to include ${name}`, async () => {
    using config = tempConfig(files);
    prepare(config.dir);
    await assert.rejects(config.follow(), (error) => {
      assert.ok(error instanceof InvalidConfig);
      assert.equal(error.exitCode, 78);
      assert.match(error.issues[0]!.message, message);
      assert.equal(typeof error.issues[0]!.line, "number");
      return true;
    });
  });
}

test("[CONF-02] more than a hundred files are refused, however they are named", async () => {
  const names = Array.from({ length: 101 }, (_, i) => `${i}.json`);
  for (const include of [{ $include: names }, names.map((name) => ({ $include: name }))]) {
    using config = tempConfig({
      "openclaw.json": JSON.stringify({ ui: include }),
      ...Object.fromEntries(names.map((name) => [name, "{}"])),
    });
    await assert.rejects(config.follow(), (error: InvalidConfig) =>
      /More than 100 files/.test(error.issues[0]!.message),
    );
  }
});

test("[CONF-02] a file of more than 4 MB and a pipe are refused", async () => {
  using config = tempConfig({ "openclaw.json": '{"$include": "a.json"}', "a.json": " ".repeat(4_000_001) });
  await assert.rejects(config.follow(), /it is larger than 4 MB/);
  using piped = tempConfig({ "openclaw.json": '{"$include": "pipe"}' });
  execFileSync("mkfifo", [join(piped.dir, "pipe")]);
  await assert.rejects(piped.follow(), /it is not a regular file/);
});

test("[FILE-12] a folder instead of a file is refused", async () => {
  using config = tempConfig({ "openclaw.json": '{"$include": "sub"}', "sub/x": "" });
  await assert.rejects(config.follow(), /it is not a regular file/);
});

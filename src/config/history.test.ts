import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configVersions, recordHandEdit } from "./history.ts";
import { loadConfig } from "./load.ts";
import { tempConfig, WRITTEN } from "./state.fixture.ts";
import { patchConfig, updateConfig } from "./store.ts";
import { undoConfig } from "./undo.ts";
import { changedFiles } from "./version.ts";

type State = ReturnType<typeof tempConfig>;

const setPort = (state: State, port: number) =>
  updateConfig({
    ...state.input,
    command: "config set gateway.port",
    edits: [{ path: ["gateway", "port"], value: port }],
  });
const portNow = (state: State) => Number(/port: (\d+)/.exec(state.text())![1]);
const list = (state: State) =>
  configVersions(state.input.paths).map(({ number, author }) => `${number} ${author.kind}`);

test("every write is a version with time, author and command; what it found is one too", async () => {
  using state = tempConfig(WRITTEN);
  await setPort(state, 1);
  state.input.clock.advance(1_000);
  const author = { kind: "rpc", name: "control-ui" } as const;
  await patchConfig({ ...state.input, author, command: "config.patch", patch: { cron: {} } });
  const versions = configVersions(state.input.paths);
  assert.deepEqual(
    versions.map(({ number, author, command, atMs }) => ({ number, author, command, atMs })),
    [
      { number: 3, author, command: "config.patch", atMs: state.input.clock.now() },
      {
        number: 2,
        author: { kind: "cli" },
        command: "config set gateway.port",
        atMs: state.input.clock.now() - 1_000,
      },
      { number: 1, author: { kind: "hand" }, command: undefined, atMs: versions[2]!.atMs },
    ],
  );
  assert.equal(versions[0]!.text, state.text());
  assert.equal(versions[2]!.text, WRITTEN);
});

test("a change by hand is found by the next write, and by a start", async () => {
  using state = tempConfig(WRITTEN);
  await setPort(state, 1);
  state.write(state.text().replace("port: 1", "port: 7"));
  await setPort(state, 2);
  assert.deepEqual(list(state), ["4 cli", "3 hand", "2 cli", "1 hand"]);
  state.write("{ broken");
  const found = await recordHandEdit(state.input.paths);
  assert.deepEqual([found?.number, found?.text], [5, "{ broken"]);
  assert.equal(await recordHandEdit(state.input.paths), undefined);
  using none = tempConfig();
  assert.equal(await recordHandEdit(none.input.paths), undefined);
});

test("[CONF-18] the newest 20 are kept, 0600, and numbers are not used again", async (t) => {
  using state = tempConfig(WRITTEN);
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  for (let port = 1; port <= 30; port++) await setPort(state, port);
  const folder = join(state.input.paths.dataDir, "config-history");
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const names = readdirSync(folder);
  assert.equal(names.length, 20);
  for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  assert.deepEqual(list(state)[0], "31 cli");
});

test("entries somebody damaged are left out, and nothing else suffers", async () => {
  using state = tempConfig(WRITTEN);
  for (const port of [1, 2, 3]) await setPort(state, port);
  const folder = join(state.input.paths.dataDir, "config-history");
  writeFileSync(join(folder, "000002.json"), "{");
  const third = readFileSync(join(folder, "000003.json"), "utf8");
  writeFileSync(join(folder, "000003.json"), third.replace("18800", "1").replace("port: 2", "port: 9"));
  writeFileSync(join(folder, "notes.txt"), "mine");
  assert.deepEqual(list(state), ["4 cli", "1 hand"]);
  await setPort(state, 4);
  assert.deepEqual(list(state), ["5 cli", "4 cli", "1 hand"]);
});

test("a write that is refused leaves no version", async () => {
  using state = tempConfig(WRITTEN);
  await assert.rejects(setPort(state, 99_999));
  assert.deepEqual(list(state), []);
});

test("undo puts the version before back as a new one, and again one further", async () => {
  using state = tempConfig(WRITTEN);
  for (const port of [1, 2, 3]) await setPort(state, port);
  const undone = await undoConfig(state.input);
  assert.deepEqual([undone.restored.number, undone.left, portNow(state)], [3, 4, 2]);
  await undoConfig(state.input);
  assert.equal(portNow(state), 1);
  await undoConfig({ ...state.input, number: undone.left! });
  assert.equal(portNow(state), 3);
  assert.deepEqual(list(state)[0], "7 cli");
  assert.equal(configVersions(state.input.paths)[0]!.restores, 4);
});

test("what was put back is the old text but for the stamp", async () => {
  using state = tempConfig(WRITTEN);
  await setPort(state, 1);
  await undoConfig(state.input);
  assert.equal(state.text(), WRITTEN.replace("2026-01-01T00:00:00.000Z", "2026-01-05T12:00:00.000Z"));
});

test("[H3] undo works on a broken file, on one that is gone, and skips versions no start would accept", async () => {
  using state = tempConfig(WRITTEN);
  await setPort(state, 1);
  state.write('{ gateway: { mode: "local", prot: 1 } }');
  await recordHandEdit(state.input.paths);
  state.write("{ broken");
  const undone = await undoConfig(state.input);
  assert.deepEqual([undone.restored.number, portNow(state)], [2, 1]);
  const kept = configVersions(state.input.paths).find(({ number }) => number === undone.left);
  assert.equal(kept?.text, "{ broken", "what was broken is not lost");
});

test("undo brings a deleted file back", async () => {
  using state = tempConfig(WRITTEN);
  await setPort(state, 1);
  rmSync(state.configPath);
  const undone = await undoConfig(state.input);
  assert.deepEqual([undone.restored.number, undone.left, portNow(state)], [2, undefined, 1]);
});

test("undo without anything to go back to says so", async () => {
  using state = tempConfig(WRITTEN);
  await assert.rejects(undoConfig(state.input), /There is no earlier version to go back to/);
  await assert.rejects(undoConfig({ ...state.input, number: 9 }), /There is no version 9/);
  assert.equal(state.text(), WRITTEN);
});

test("a version no start would accept is not put back", async () => {
  using state = tempConfig("{ broken");
  await recordHandEdit(state.input.paths);
  state.write(WRITTEN);
  await assert.rejects(
    undoConfig({ ...state.input, number: 1 }),
    /Config validation failed: <root>: SyntaxError/,
  );
  await assert.rejects(undoConfig(state.input), /There is no earlier version/);
  assert.equal(state.text(), WRITTEN);
});

const PARTS = '{ gateway: { $include: "./gateway.json5" }, cron: { $include: "parts/cron.json5" } }\n';
const GATEWAY = "// by hand\n{ mode: 'local', port: 18800 }\n";

function withParts() {
  const state = tempConfig(PARTS);
  mkdirSync(join(state.dir, "parts"));
  const write = (name: string, text: string) => writeFileSync(join(state.dir, name), text);
  write("gateway.json5", GATEWAY);
  write("parts/cron.json5", "{}");
  const at = (name: string) => readFileSync(join(state.dir, name), "utf8");
  return { ...state, writeFile: write, at, stampless: () => state.text().replace(/, meta: \{[^}]*\}/, "") };
}

test("a version has the included files too, and says which of them are others than before", async () => {
  using state = withParts();
  await setPort(state, 1);
  state.writeFile("parts/cron.json5", "{ enabled: false } // mine");
  await setPort(state, 2);
  const versions = configVersions(state.input.paths);
  assert.deepEqual(
    versions.map(({ author }) => author.kind),
    ["cli", "hand", "cli", "hand"],
  );
  assert.deepEqual(
    versions.slice(0, -1).map((version, i) => changedFiles(versions[i + 1]!, version)),
    [["gateway.json5"], ["parts/cron.json5"], ["gateway.json5"]],
  );
  assert.deepEqual(
    versions.at(-1)!.files!.map(({ path, text }) => [path, text]),
    [
      ["gateway.json5", GATEWAY],
      ["parts/cron.json5", "{}"],
    ],
  );
});

test("undo puts the bytes of included files back, those changed by hand, broken or deleted too", async () => {
  using state = withParts();
  await setPort(state, 1);
  await undoConfig(state.input);
  assert.equal(state.at("gateway.json5"), GATEWAY);
  assert.equal(state.stampless(), PARTS);

  state.writeFile("gateway.json5", "{ broken");
  await undoConfig(state.input);
  assert.equal(state.at("gateway.json5"), GATEWAY);
  const texts = configVersions(state.input.paths).flatMap(
    ({ files }) => files?.map(({ text }) => text) ?? [],
  );
  assert.ok(texts.includes("{ broken"), "what was broken is not lost");

  rmSync(join(state.dir, "parts"), { recursive: true });
  await undoConfig(state.input);
  assert.equal(state.at("parts/cron.json5"), "{}");
  assert.equal(statSync(join(state.dir, "parts/cron.json5")).mode & 0o777, 0o600);
  assert.equal((await loadConfig(state.input)).config.gateway?.port, 18_800);
});

test("an included file that nobody includes any more and that undo replaces is kept beside it", async () => {
  using state = withParts();
  await setPort(state, 1);
  state.write('{ gateway: { mode: "local", port: 5 } }');
  state.writeFile("gateway.json5", "// found");
  await undoConfig(state.input);
  assert.equal(state.at("gateway.json5"), GATEWAY.replace("18800", "1"));
  const [copy] = readdirSync(state.dir).filter((name) => name.startsWith("gateway.json5.bak."));
  assert.equal(state.at(copy!), "// found");
});

test("undo of a change by hand in an included file touches that file and the stamp", async () => {
  using state = withParts();
  await setPort(state, 1);
  state.writeFile("gateway.json5", GATEWAY.replace("18800", "7"));
  const undone = await undoConfig(state.input);
  assert.equal(undone.updated.kind, "written");
  assert.equal(state.at("gateway.json5"), GATEWAY.replace("18800", "1"));
  await undoConfig({ ...state.input, number: undone.left! });
  assert.equal(state.at("gateway.json5"), GATEWAY.replace("18800", "7"));
});

test("versions of the program before this one, without included files, can be read and put back", async () => {
  using state = withParts();
  await setPort(state, 1);
  const folder = join(state.input.paths.dataDir, "config-history");
  for (const name of readdirSync(folder)) {
    const { files: _files, now: _now, ...older } = JSON.parse(readFileSync(join(folder, name), "utf8"));
    writeFileSync(join(folder, name), `${JSON.stringify(older)}\n`);
  }
  assert.deepEqual(list(state), ["2 cli", "1 hand"]);
  await undoConfig({ ...state.input, number: 1 });
  assert.equal(state.stampless(), PARTS);
  assert.equal(state.at("gateway.json5"), GATEWAY.replace("18800", "1"), "of which it knows nothing");
  assert.deepEqual(list(state), ["4 cli", "3 hand", "2 cli", "1 hand"]);
});

test("[CONF-02] a version whose paths lead out of the folder is none", async () => {
  using state = withParts();
  await setPort(state, 1);
  const file = join(state.input.paths.dataDir, "config-history", "000001.json");
  for (const path of ["../outside.json", "/etc/outside.json", "parts/../../outside.json", ""]) {
    const version = JSON.parse(readFileSync(file, "utf8"));
    version.files[0].path = path;
    writeFileSync(file, JSON.stringify(version));
    assert.deepEqual(list(state), ["2 cli"], path);
  }
});

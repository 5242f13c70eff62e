import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { createBackup } from "../../src/cli/backup/create.ts";
import { readBackup } from "../../src/cli/backup/read-backup.ts";
import { restoreBackup } from "../../src/cli/backup/restore.ts";
import { readTar } from "../../src/cli/backup/tar-reader.ts";
import { readEnv } from "../../src/platform/env.ts";
import { Fault } from "../../src/platform/fault.ts";
import { acquireLock } from "../../src/platform/lock.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";

const { signal } = new AbortController();
const NOW = Date.parse("2026-11-26T02:00:00Z");

function placesOf(state: StateFolder) {
  const env = readEnv(state.env);
  return { env, paths: resolvePaths(env) };
}

/** A state with an include, a device database, a workspace with a long name, and a link. */
function filledState(extra: Record<string, unknown> = {}): StateFolder {
  const state = makeState({ $include: "./parts/models.json5", ...localConfig(18_790, extra) });
  mkdirSync(join(state.dir, "parts"));
  writeFileSync(join(state.dir, "parts/models.json5"), "{ logging: { level: 'debug' } }\n");
  mkdirSync(join(state.dir, "data"), { mode: 0o700 });
  writeFileSync(join(state.dir, "data/own-device.json"), "{}\n", { mode: 0o600 });
  const folder = join(state.dir, "workspace", "d".repeat(90), "ünterlagen");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${"n".repeat(80)}.md`), "notes\n");
  writeFileSync(join(state.dir, "workspace", "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  mkdirSync(join(state.dir, "logs"));
  writeFileSync(join(state.dir, "logs/gateway.log"), "a line\n");
  return state;
}

function tree(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile() && !/gateway\.lock|config\.lock/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(dir.length), readFileSync(file, "utf8")]),
  );
}

const save = (state: StateFolder, workspace = true, name = "b.tar.gz") => {
  const output = join(state.env.HOME!, name);
  return createBackup({ ...placesOf(state), workspace, output, nowMs: NOW, signal });
};

const restore = (
  state: StateFolder,
  file: string,
  options: { force?: boolean; originalPlaces?: boolean } = {},
) =>
  restoreBackup({
    ...placesOf(state),
    file,
    force: false,
    originalPlaces: false,
    ...options,
    nowMs: NOW,
    signal,
  });

test("a backup comes back byte for byte on a machine that has nothing, and tar can read it", async () => {
  using state = filledState();
  const made = await save(state);
  assert.equal(statSync(made.file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(state.env.HOME!).sort(), [".openclaw", "b.tar.gz"], "nothing else is left");
  const listed = execFileSync("tar", ["-tzf", made.file], { encoding: "utf8" }).split("\n");
  assert.equal(listed[0], "openclaw-backup.json");
  assert.ok(listed.includes("config/parts/models.json5"));
  assert.ok(listed.every((name) => !name.includes("gateway.log")));

  using other = makeState();
  const restored = await restore(other, made.file);
  assert.equal(restored.kept, undefined);
  const { "/logs/gateway.log": _log, ...saved } = tree(state.dir);
  assert.deepEqual(tree(other.dir), saved);
  assert.equal(statSync(other.configPath).mode & 0o777, 0o600);
  assert.equal(statSync(join(other.dir, "workspace/run.sh")).mode & 0o100, 0o100);
});

test("a restore refuses to replace, and with force keeps what was there", async () => {
  using state = filledState();
  const made = await save(state);
  writeFileSync(state.configPath, `{ "gateway": { "mode": "local", "port": 19999 } }\n`);
  writeFileSync(join(state.dir, "data/newer.json"), "newer\n");
  const before = tree(state.dir);
  await assert.rejects(restore(state, made.file), (error: Fault) => {
    assert.match(error.message, /is in use; a restore would replace/);
    assert.match(error.fix!, /backup restore .*b\.tar\.gz --force$/);
    return true;
  });
  assert.deepEqual(tree(state.dir), before);
  const { kept } = await restore(state, made.file, { force: true });
  assert.equal(JSON.parse(readFileSync(state.configPath, "utf8")).gateway.port, 18_790);
  assert.equal(tree(state.dir)["/data/newer.json"], undefined, "what came later is gone");
  assert.equal(tree(state.dir)["/logs/gateway.log"], "a line\n", "logs stay");
  await restore(state, kept!.file, { force: true });
  assert.deepEqual(tree(state.dir), before, "and the way back works");
});

test("without the workspace a restore leaves the workspace alone", async () => {
  using state = filledState();
  const made = await save(state, false);
  writeFileSync(join(state.dir, "workspace/run.sh"), "later\n");
  await restore(state, made.file, { force: true });
  assert.equal(readFileSync(join(state.dir, "workspace/run.sh"), "utf8"), "later\n");
});

test("a workspace elsewhere is put back only where its owner agrees", async () => {
  using elsewhere = makeState();
  const folder = join(elsewhere.env.HOME!, "agent-files");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.md"), "first\n");
  using state = filledState({ agents: { defaults: { workspace: folder } } });
  const made = await save(state);
  writeFileSync(join(folder, "a.md"), "second\n");
  await assert.rejects(restore(state, made.file, { force: true }), /places outside of the state folder/);
  assert.equal(readFileSync(join(folder, "a.md"), "utf8"), "second\n");
  await restore(state, made.file, { force: true, originalPlaces: true });
  assert.equal(readFileSync(join(folder, "a.md"), "utf8"), "first\n");
});

test("[FILE-08] an archive does not name the places it is unpacked to: no home, nothing relative, no file beside a config elsewhere", async () => {
  using state = filledState();
  const entries = await contentsOf((await save(state)).file);
  using victim = makeState();
  for (const place of [victim.env.HOME!, "../elsewhere", "/"]) {
    const about = { ...JSON.parse(entries[0]!.body.toString()), outside: { "workspace-0": place } };
    const archive = pack(state, [
      { ...entries[0]!, body: Buffer.from(JSON.stringify(about)) },
      ...entries.slice(1),
    ]);
    await assert.rejects(restore(victim, archive, { originalPlaces: true }), /it wants to replace/);
  }
  const elsewhere = {
    ...victim,
    env: { ...victim.env, OPENCLAW_CONFIG_PATH: join(victim.env.HOME!, "openclaw.json") },
  };
  await assert.rejects(restore(elsewhere, pack(state, entries)), (error: Fault) => {
    assert.match(error.message, /places outside of the state folder/);
    assert.deepEqual(error.lines, [`  ${join(victim.env.HOME!, "parts/models.json5")}`]);
    return true;
  });
  assert.equal(existsSync(join(victim.env.HOME!, "openclaw.json")), false);
});

test("a restore that fails half-way puts back what it has exchanged", async () => {
  using elsewhere = makeState();
  const folder = join(elsewhere.env.HOME!, "agent-files");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.md"), "first\n");
  using state = filledState({ agents: { defaults: { workspace: folder } } });
  const entries = await contentsOf((await save(state)).file);
  const inTheWay = join(elsewhere.env.HOME!, "a-file");
  writeFileSync(inTheWay, "x");
  const about = {
    ...JSON.parse(entries[0]!.body.toString()),
    outside: { "workspace-0": join(inTheWay, "sub", "deep") },
  };
  const archive = pack(state, [
    { ...entries[0]!, body: Buffer.from(JSON.stringify(about)) },
    ...entries.slice(1),
  ]);
  writeFileSync(join(state.dir, "data/own-device.json"), '{ "later": true }\n');
  const before = tree(state.dir);
  await assert.rejects(restore(state, archive, { force: true, originalPlaces: true }), /ENOTDIR|EEXIST/);
  assert.deepEqual(tree(state.dir), before);
  assert.ok(!readdirSync(state.dir).some((name) => name.startsWith(".restore-")));
});

test("links are neither saved nor lost", async () => {
  using state = filledState();
  symlinkSync("/etc/hostname", join(state.dir, "workspace/link"));
  symlinkSync("/etc", join(state.dir, "etc"));
  const made = await save(state);
  assert.deepEqual(made.skipped, [join(state.dir, "etc"), join(state.dir, "workspace/link")]);
  const { aside } = await restore(state, made.file, { force: true });
  assert.ok(readdirSync(state.dir).includes("etc"));
  assert.ok(readdirSync(aside!).length > 0);
});

test("a live gateway is saved as of one moment, and not restored over", async () => {
  await using gateway = await openGateway();
  const { state } = gateway;
  const made = await save(state);
  const place = makeState();
  using other = place;
  await restore(other, made.file);
  using copy = new DatabaseSync(join(other.dir, "data/sessions.sqlite"), { readOnly: true });
  assert.equal(copy.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
  assert.ok(
    !readdirSync(join(other.dir, "data")).some(
      (name) => name.endsWith("-wal") && statSync(join(other.dir, "data", name)).size > 0,
    ),
  );
  assert.equal(JSON.parse(readFileSync(other.configPath, "utf8")).gateway.auth.token, TOKEN);
  await assert.rejects(restore(state, made.file, { force: true }), /a gateway runs on this state folder/);
});

test("verify finds one changed byte, a missing file and one too many", async () => {
  using state = filledState();
  const made = await save(state);
  const entries = await contentsOf(made.file);
  assert.ok((await readBackup(made.file)).manifest.files.length >= 5);
  const changed = entries.map((entry) =>
    entry.path.endsWith("run.sh") ? { ...entry, body: Buffer.from("#!/bin/Sh\n") } : entry,
  );
  await assert.rejects(readBackup(pack(state, changed)), /run\.sh is not what was saved/);
  const missing = entries.filter(({ path }) => !path.endsWith("run.sh"));
  await assert.rejects(readBackup(pack(state, missing)), /run\.sh is missing/);
  const more = [...entries.slice(0, -1), file("state/extra", "x"), entries.at(-1)!];
  await assert.rejects(readBackup(pack(state, more)), /state\/extra was put in afterwards/);
  const cut = readFileSync(made.file);
  const half = join(state.env.HOME!, "half.tar.gz");
  writeFileSync(half, cut.subarray(0, cut.length - 40));
  await assert.rejects(readBackup(half), /the archive is refused/);
});

interface Raw {
  path: string;
  body: Buffer;
  type?: string;
  mode?: number;
  link?: string;
}

const file = (path: string, body: string, rest: Partial<Raw> = {}): Raw => ({
  path,
  body: Buffer.from(body),
  ...rest,
});

/** A tar made by hand, so that it can be anything. */
function pack(state: StateFolder, entries: readonly Raw[], end = Buffer.alloc(1024)): string {
  const blocks = entries.flatMap(({ path, body, type = "0", mode = 0o600, link = "" }) => {
    const block = Buffer.alloc(512);
    block.write(path.slice(0, 100));
    block.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
    block.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
    block.write(`${"0".repeat(11)}\0`, 136);
    block.write(" ".repeat(8), 148);
    block.write(type, 156);
    block.write(link, 157);
    block.write("ustar\u000000", 257);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [block, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  const path = join(state.env.HOME!, `made-${entries.length}-${Math.random().toString(36).slice(2)}.tar.gz`);
  writeFileSync(path, gzipSync(Buffer.concat([...blocks, end])));
  return path;
}

async function contentsOf(archive: string): Promise<Raw[]> {
  const found: Raw[] = [];
  for await (const { path, kind, mode, content } of readTar(archive)) {
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk);
    if (path.length < 100)
      found.push({ path, body: Buffer.concat(chunks), type: kind === "folder" ? "5" : "0", mode });
  }
  const names = new Set(found.map(({ path }) => path));
  const manifest = found.at(-1)!;
  const { files, skipped } = JSON.parse(manifest.body.toString());
  manifest.body = Buffer.from(
    JSON.stringify({ files: files.filter((each: Raw) => names.has(each.path)), skipped }),
  );
  return found;
}

const ATTACKS: readonly (readonly [name: string, make: (entries: Raw[]) => Raw[], why: RegExp])[] = [
  ["climbs out", (all) => insert(all, file("state/../../evil", "x")), /is no path below the archive/],
  ["is absolute", (all) => insert(all, file("/tmp/evil", "x")), /is no path below the archive/],
  ["has a backslash", (all) => insert(all, file("state\\..\\evil", "x")), /is no path below the archive/],
  ["has a drive", (all) => insert(all, file("C:/evil", "x")), /is no path below the archive/],
  ["has a line feed", (all) => insert(all, file("state/a\nb", "x")), /is no path below the archive/],
  [
    "is a symlink",
    (all) => insert(all, file("state/link", "", { type: "2", link: "/etc" })),
    /neither a file nor a folder/,
  ],
  [
    "goes through a link",
    (all) => insert(all, file("state/l", "", { type: "2", link: "/tmp" }), file("state/l/x", "x")),
    /neither a file/,
  ],
  [
    "is a hard link",
    (all) => insert(all, file("state/hard", "", { type: "1", link: "/etc/passwd" })),
    /neither a file nor a folder/,
  ],
  ["is a device", (all) => insert(all, file("state/null", "", { type: "3" })), /neither a file nor a folder/],
  ["is a pipe", (all) => insert(all, file("state/pipe", "", { type: "6" })), /neither a file nor a folder/],
  ["is sparse", (all) => insert(all, file("state/hole", "", { type: "S" })), /neither a file nor a folder/],
  ["is setuid", (all) => insert(all, file("state/su", "x", { mode: 0o4755 })), /wants special rights/],
  [
    "comes twice",
    (all) => insert(all, file("state/Data.txt", "x"), file("state/dATA.txt", "y")),
    /is in it twice/,
  ],
  [
    "makes a file a folder",
    (all) => insert(all, file("state/a", "x"), file("state/a/b", "y")),
    /lies in a file/,
  ],
  [
    "renames by a header",
    (all) => insert(all, file("h", "26 path=state/../../evil\n ", { type: "x" }), file("state/a", "x")),
    /extended header|no path below/,
  ],
  [
    "says more in a header",
    (all) => insert(all, file("h", "17 linkpath=/etc\n", { type: "x" })),
    /more than path and size/,
  ],
  ["belongs to no root", (all) => insert(all, file("elsewhere/a", "x")), /belongs nowhere/],
  ["is no backup", (all) => all.slice(1), /it is no backup of openclaw/],
];

function insert(all: readonly Raw[], ...more: Raw[]): Raw[] {
  return [...all.slice(0, -1), ...more, all.at(-1)!];
}

for (const [name, make, why] of ATTACKS) {
  test(`[FILE-08] an archive with an entry that ${name} is refused as a whole, nothing is unpacked`, async () => {
    using state = filledState();
    const archive = pack(state, make(await contentsOf((await save(state)).file)));
    await assert.rejects(readBackup(archive), why);
    using victim = makeState();
    await assert.rejects(restore(victim, archive), (error) => error instanceof Fault && error.exitCode === 1);
    assert.deepEqual(tree(victim.env.HOME!), {}, "not a file was left");
  });
}

test("[DOS-17] bombs: too many entries, too many bytes, too good a ratio, content after the end", async () => {
  using state = filledState();
  const drain = async (archive: string, limits?: { maxEntries: number; maxBytes: number }) => {
    for await (const { content } of readTar(archive, limits)) for await (const _ of content);
  };
  const many = pack(
    state,
    Array.from({ length: 50 }, (_, i) => file(`state/${i}`, "")),
  );
  await assert.rejects(drain(many, { maxEntries: 40, maxBytes: 1e9 }), /more than 40 entries/);
  const large = pack(state, [file("state/a", "x".repeat(5_000))]);
  await assert.rejects(drain(large, { maxEntries: 9, maxBytes: 4_999 }), /more than 4999 bytes/);
  const zeros = pack(state, [{ path: "state/zeros", body: Buffer.alloc(80 * 1024 ** 2) }]);
  await assert.rejects(drain(zeros), /four hundred times/);
  const tail = pack(
    state,
    [file("state/a", "x")],
    Buffer.concat([Buffer.alloc(1024), Buffer.from("y".repeat(512))]),
  );
  await assert.rejects(drain(tail), /something follows after its end/);
});

test("the commands: create, list, verify, restore, in words a person can use", async () => {
  using state = filledState();
  const created = await runHere(["backup", "create", "--json"], state);
  assert.equal(created.code, 0, created.stderr);
  const { file: archive } = JSON.parse(created.stdout);
  assert.match(archive, /openclaw-backups\/openclaw-backup-[\dTZ-]+\.tar\.gz$/);
  assert.ok(!created.stdout.includes(TOKEN));
  assert.ok((await runHere(["backup", "list"], state)).stdout.startsWith(archive));
  const restored = await runHere(["backup", "restore", archive, "--force"], state);
  assert.match(
    restored.stdout,
    /^Restored \d+ files[\s\S]*before: .*openclaw-before-restore-[\s\S]*Next: openclaw restart\n$/,
  );
  writeFileSync(archive, readFileSync(archive).fill(0, 200, 220));
  const verified = await runHere(["backup", "verify", archive], state);
  assert.equal(verified.code, 1);
  assert.match(verified.stderr, /the archive is refused|the backup is damaged/);
});

test("a restore waits for nobody: the state lock of another process is respected", async () => {
  using state = filledState();
  const made = await save(state);
  const { paths } = placesOf(state);
  const held = acquireLock(paths.lockFile, paths.pidFile, { pid: process.pid, startedAtMs: NOW });
  assert.equal(held.kind, "acquired");
  if (held.kind !== "acquired") return;
  using _lock = held.lock;
  await assert.rejects(restore(state, made.file, { force: true }), /a gateway runs on this state folder/);
});

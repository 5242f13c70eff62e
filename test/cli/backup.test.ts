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
import { readBackup } from "../../src/cli/backup/read-backup.ts";
import type { Fault } from "../../src/platform/fault.ts";
import { acquireLock } from "../../src/platform/lock.ts";
import { contentsOf, file, filledState, NOW, pack, placesOf, restore, save, tree } from "../kit/backup.ts";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { makeState, TOKEN } from "../kit/state.ts";

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

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readBackup } from "../../src/cli/backup/read-backup.ts";
import { planRemoval, remove } from "../../src/cli/reset/removal.ts";
import { readEnv } from "../../src/platform/env.ts";
import { acquireLock } from "../../src/platform/lock.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { runHere } from "../kit/command.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder } from "../kit/state.ts";
import { noTerminal, openTerminal } from "../kit/terminal.ts";

const NOW = Date.parse("2026-11-26T02:00:00Z");
const placesOf = (state: StateFolder) => {
  const env = readEnv(state.env);
  return { env, paths: resolvePaths(env) };
};

function filled(extra: Record<string, unknown> = {}): StateFolder {
  const state = makeState(localConfig(18_790, extra));
  for (const folder of ["data/tls", "logs", "workspace", "memory"])
    mkdirSync(join(state.dir, folder), { recursive: true });
  for (const file of [
    "data/gateway.token",
    "data/devices.sqlite",
    "data/devices.sqlite-wal",
    "data/sessions.sqlite",
    "data/tls/key.pem",
    "data/own-device.json",
  ])
    writeFileSync(join(state.dir, file), "x");
  writeFileSync(join(state.dir, "workspace/AGENTS.md"), "mine\n");
  writeFileSync(join(state.dir, "memory/of-another-program"), "theirs\n");
  writeFileSync(`${state.configPath}.last-good`, "{}\n");
  return state;
}

const { signal } = new AbortController();
async function wipe(state: StateFolder, parts: Parameters<typeof planRemoval>[0]) {
  const { paths, env } = placesOf(state);
  const plan = await planRemoval(parts, paths, env);
  return { plan, ...(await remove(plan, { paths, env, nowMs: NOW, signal })) };
}

test("reset config+creds takes config, token, certificate and devices, and leaves the conversations", async () => {
  using state = filled();
  const { backup } = await wipe(state, ["config", "credentials"]);
  assert.equal(existsSync(state.configPath), false);
  assert.deepEqual(readdirSync(join(state.dir, "data")).sort(), ["gateway.lock", "sessions.sqlite"]);
  assert.ok(existsSync(join(state.dir, "workspace/AGENTS.md")));
  const { manifest } = await readBackup(backup!.file);
  const saved = manifest.files.map(({ path }) => path);
  for (const path of [
    "config/openclaw.json",
    "state/data/gateway.token",
    "state/data/devices.sqlite",
    "state/data/tls/key.pem",
  ])
    assert.ok(saved.includes(path), path);
});

test("reset full takes everything of this program and nothing of another one", async () => {
  using state = filled();
  const { plan, backup } = await wipe(state, ["config", "credentials", "sessions", "state", "workspace"]);
  assert.deepEqual(plan.foreign, [join(state.dir, "memory")]);
  assert.deepEqual(readdirSync(state.dir), ["memory"]);
  const { manifest } = await readBackup(backup!.file);
  assert.ok(manifest.files.some(({ path }) => path === "state/workspace/AGENTS.md"));
});

test("a workspace that holds a home is not removed", async () => {
  using state = makeState();
  state.write(localConfig(18_790, { agents: { defaults: { workspace: state.env.HOME } } }));
  await assert.rejects(wipe(state, ["workspace"]), /is not removed: .* lies in it/);
});

test("nothing is removed while a gateway holds the state", async () => {
  using state = filled();
  const { paths } = placesOf(state);
  const held = acquireLock(paths.lockFile, paths.pidFile, { pid: process.pid, startedAtMs: NOW });
  assert.ok(held.kind === "acquired");
  using _lock = held.lock;
  await assert.rejects(wipe(state, ["config"]), /a gateway has just started/);
  assert.ok(existsSync(state.configPath));
  assert.equal(existsSync(join(state.env.HOME!, "openclaw-backups")), false);
});

test("reset asks nobody where nobody is: it needs --yes, shows what goes, and stops a gateway it knows", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port));
  await using gateway = await spawnGateway(state);
  const refused = await runHere(["reset", "--scope", "full"], state);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^To be removed:\n[\s\S]*openclaw\.json[\s\S]*reset needs --yes/);
  assert.match(refused.stderr, /fix: openclaw reset --scope full --yes\n$/);
  const dry = await runHere(["reset", "--scope", "full", "--dry-run", "--json"], state);
  assert.ok(JSON.parse(dry.stdout).gone.includes(state.configPath));
  assert.equal(gateway.child.exitCode, null, "it still runs");
  const done = await runHere(["reset", "--scope", "full", "--yes"], state);
  assert.equal(done.code, 0, done.stderr);
  assert.match(
    done.stdout,
    /^Gateway stopped\.\nReset is done\.\nWhat was there before: .*\nNext: openclaw setup\n$/,
  );
  assert.equal((await gateway.ended).code, 0);
  assert.deepEqual(readdirSync(state.dir), []);
});

test("reset --scope config is config reset: a copy stays beside the file", async () => {
  using state = makeState(localConfig(18_790));
  const { code, stdout } = await runHere(["reset", "--scope", "config", "--yes"], state);
  assert.equal(code, 0);
  assert.match(stdout, /The config before: .*openclaw\.json\.bak\./);
  assert.equal(JSON.parse(readFileSync(state.configPath, "utf8")).gateway, undefined);
});

test("[H35] the full reset by hand gives a working system: stop, delete, setup, start", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port));
  const first = await spawnGateway(state);
  assert.equal((await runHere(["gateway", "stop"], state)).code, 0);
  await first.ended;
  rmSync(state.dir, { recursive: true });
  assert.equal((await runHere(["setup"], state)).code, 0);
  await using _second = await spawnGateway(state, ["--port", String(port)]);
  assert.equal((await runHere(["health"], state)).code, 0);
});

test("[config-newer-version-guard] reset, uninstall, restore and setup keep their hands off a newer config", async () => {
  using state = makeState({ ...localConfig(18_790), meta: { lastTouchedVersion: "2099.1.1" } });
  const lines = [
    ["reset", "--scope", "full", "--yes"],
    ["uninstall", "--all", "--yes"],
    ["backup", "restore", "/nowhere", "--force"],
    ["setup", "--port", "18799"],
    ["configure", "--port", "18799"],
  ];
  for (const line of lines) {
    const { code, stderr } = await runHere(line, state);
    assert.equal(code, 1, line.join(" "));
    assert.match(
      stderr,
      /Refusing to .* because this OpenClaw binary \(\S+\) is older than the config last written by OpenClaw 2099\.1\.1/,
    );
  }
  assert.ok(existsSync(state.configPath));
});

test("uninstall: choose, look, do; the program itself is for its package manager", async () => {
  using state = filled();
  const nothing = await runHere(["uninstall"], state);
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /choose what goes: --service, --state, --workspace, --app or --all/);
  const dry = await runHere(["uninstall", "--state", "--app", "--dry-run"], state);
  assert.match(
    dry.stderr,
    /Would be removed:[\s\S]*openclaw\.json[\s\S]*not of this program, stays: .*memory/,
  );
  assert.match(dry.stdout, /^The program itself: a checkout of the sources in \/.*; delete the folder/);
  const done = await runHere(["uninstall", "--state", "--yes"], state);
  assert.match(done.stdout, /Removed \d+ files and folders\.\nWhat was there before: /);
  assert.deepEqual(readdirSync(state.dir).sort(), ["memory", "workspace"]);
});

test("in a terminal reset asks; only a yes is one", { skip: noTerminal }, async () => {
  using state = filled();
  for (const [answer, code] of [
    ["", 1],
    ["yes", 0],
  ] as const) {
    await using terminal = openTerminal(["reset", "--scope", "config+creds"], state);
    await terminal.shows(/openclaw\.json[\s\S]*gateway\.token[\s\S]*Go on\? \[y\/N\]/);
    terminal.type(`${answer}\r`);
    assert.equal(await terminal.ended, code);
    assert.equal(existsSync(state.configPath), code === 1);
  }
});

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempDisposableSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readEnv } from "./env.ts";
import { Fault } from "./fault.ts";
import { ensureStateDirs, resolvePaths } from "./paths.ts";

const tempFolder = () => mkdtempDisposableSync(join(tmpdir(), "openclaw-paths-"));

const CASES = [
  { name: "no wishes", env: {}, options: {}, stateDir: "/h/.openclaw", profile: "default" },
  {
    name: "the default profile",
    env: {},
    options: { profile: "default" },
    stateDir: "/h/.openclaw",
    profile: "default",
  },
  {
    name: "a profile",
    env: {},
    options: { profile: "work" },
    stateDir: "/h/.openclaw-work",
    profile: "work",
  },
  { name: "--dev", env: {}, options: { dev: true }, stateDir: "/h/.openclaw-dev", profile: "dev" },
  {
    name: "a profile of the environment",
    env: { OPENCLAW_PROFILE: "env" },
    options: {},
    stateDir: "/h/.openclaw-env",
    profile: "env",
  },
  {
    name: "an option over the environment",
    env: { OPENCLAW_PROFILE: "env" },
    options: { profile: "work" },
    stateDir: "/h/.openclaw-work",
    profile: "work",
  },
  {
    name: "OPENCLAW_STATE_DIR over a profile",
    env: { OPENCLAW_STATE_DIR: "~/s" },
    options: { profile: "work" },
    stateDir: "/h/s",
    profile: "work",
  },
  {
    name: "OPENCLAW_HOME",
    env: { OPENCLAW_HOME: "/o" },
    options: {},
    stateDir: "/o/.openclaw",
    profile: "default",
  },
];
for (const { name, env, options, stateDir, profile } of CASES) {
  test(`${name} leads to ${stateDir}`, () => {
    const paths = resolvePaths(readEnv({ HOME: "/h", ...env }), options);
    assert.equal(paths.stateDir, stateDir);
    assert.equal(paths.profile, profile);
    assert.equal(paths.configPath, `${stateDir}/openclaw.json`);
    assert.equal(paths.pidFile, `${stateDir}/gateway.pid`);
    assert.equal(paths.lockFile, `${stateDir}/data/gateway.lock`);
    assert.equal(paths.tokenFile, `${stateDir}/data/gateway.token`);
    assert.equal(paths.sessionsDb, `${stateDir}/data/sessions.sqlite`);
    assert.equal(paths.logsDir, `${stateDir}/logs`);
    assert.equal(paths.workspaceDir, `${stateDir}/workspace`);
  });
}

test("OPENCLAW_CONFIG_PATH moves only the config", () => {
  const paths = resolvePaths(readEnv({ HOME: "/h", OPENCLAW_CONFIG_PATH: "~/etc/oc.json5" }));
  assert.equal(paths.configPath, "/h/etc/oc.json5");
  assert.equal(paths.stateDir, "/h/.openclaw");
});

for (const profile of ["", "../evil", "a/b", "Work", "a b", "x".repeat(65), "a\n"]) {
  test(`the profile name ${JSON.stringify(profile).slice(0, 20)} is bad usage`, () => {
    assert.throws(
      () => resolvePaths(readEnv({ HOME: "/h" }), { profile }),
      (error: Fault) => error instanceof Fault && error.exitCode === 2,
    );
  });
}

test("--dev together with another profile is bad usage", () => {
  assert.throws(
    () => resolvePaths(readEnv({ HOME: "/h" }), { profile: "work", dev: true }),
    (error: Fault) => error.exitCode === 2,
  );
});

test("[CONF-06] the folders are 0700 under umask 000, and data and logs are tightened", (t) => {
  using temp = tempFolder();
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  const paths = resolvePaths(readEnv({ HOME: "/h", OPENCLAW_STATE_DIR: join(temp.path, "deep", "state") }));
  ensureStateDirs(paths);
  for (const dir of [paths.stateDir, paths.dataDir, paths.logsDir])
    assert.equal(statSync(dir).mode & 0o777, 0o700);

  chmodSync(paths.stateDir, 0o755);
  chmodSync(paths.dataDir, 0o777);
  chmodSync(paths.logsDir, 0o755);
  ensureStateDirs(paths);
  assert.equal(statSync(paths.stateDir).mode & 0o777, 0o755);
  for (const dir of [paths.dataDir, paths.logsDir]) assert.equal(statSync(dir).mode & 0o777, 0o700);
});

test("a file where a folder belongs is named", () => {
  using temp = tempFolder();
  const stateDir = join(temp.path, "state");
  mkdirSync(stateDir);
  writeFileSync(join(stateDir, "data"), "");
  assert.throws(
    () => ensureStateDirs(resolvePaths(readEnv({ HOME: "/h", OPENCLAW_STATE_DIR: stateDir }))),
    (error: Fault) => {
      assert.equal(error.exitCode, 78);
      assert.match(error.why!, /state\/data is in the way/);
      assert.match(error.fix!, /^mv \S+\/data \S+\/data\.old$/);
      return true;
    },
  );
});

const volume = (path: string) => ({ path, fsType: "ext4" });
const IN_CONTAINER = { OPENCLAW_IN_CONTAINER: "1" };
const CONTAINERS = [
  { name: "no volume", mounts: [], want: ["/h/.openclaw", "home"] },
  { name: "a volume at /app/data", mounts: ["/app/data"], want: ["/app/data", "volume"] },
  { name: "a volume at /data", mounts: ["/data"], want: ["/data", "volume"] },
  { name: "both", mounts: ["/data", "/app/data"], want: ["/app/data", "volume"] },
  { name: "one below, which is another matter", mounts: ["/app/data/logs"], want: ["/h/.openclaw", "home"] },
  {
    name: "OPENCLAW_STATE_DIR",
    mounts: ["/app/data"],
    env: { OPENCLAW_STATE_DIR: "/s" },
    want: ["/s", "environment"],
  },
  {
    name: "a named profile",
    mounts: ["/app/data"],
    env: { OPENCLAW_PROFILE: "work" },
    want: ["/h/.openclaw-work", "home"],
  },
  {
    name: "no container",
    mounts: ["/app/data"],
    env: { OPENCLAW_IN_CONTAINER: "0" },
    want: ["/h/.openclaw", "home"],
  },
] as const;
for (const { name, mounts, want, ...rest } of CONTAINERS) {
  test(`in a container, ${name}: ${want[0]}`, () => {
    const env = readEnv({ HOME: "/h", ...IN_CONTAINER, ...("env" in rest && rest.env) });
    const { stateDir, stateDirFrom } = resolvePaths(env, { mounts: () => mounts.map(volume) });
    assert.deepEqual([stateDir, stateDirFrom], want);
  });
}

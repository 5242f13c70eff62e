import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readEnv } from "../platform/env.ts";
import { ensureStateDirs, resolvePaths } from "../platform/paths.ts";
import type { Change } from "./change.ts";
import type { Check } from "./check.ts";
import { openFacts } from "./facts.ts";
import { openFixSession } from "./fix-session.ts";
import { repairFindings } from "./repair.ts";
import { undoNewestFix } from "./undo.ts";

interface Bench extends Disposable {
  dir: string;
  file: string;
  repair(checks: Check[], may?: boolean): ReturnType<typeof repairFindings>;
  undo(force?: boolean): ReturnType<typeof undoNewestFix>;
}

const CONFIG = '{ gateway: { mode: "local" } }\n';

function openBench(): Bench {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-repair-"));
  const env = readEnv({ HOME: dir, OPENCLAW_STATE_DIR: dir });
  const paths = resolvePaths(env);
  ensureStateDirs(paths);
  writeFileSync(paths.configPath, CONFIG);
  let session = 0;
  return {
    dir,
    file: join(dir, "thing"),
    repair: (checks, may = true) =>
      repairFindings({
        checks,
        selection: {},
        facts: () =>
          openFacts(
            {
              paths,
              env,
              version: "2026.11.1",
              nowMs: 1_000 + session,
              host: { platform: "linux", text: () => undefined, run: async () => undefined },
              deep: false,
              gateway: async () => ({ holder: undefined, host: "", port: 1, local: true, reach: "down" }),
            },
            AbortSignal.timeout(30_000),
          ),
        may: async () => may,
        session: openFixSession(paths, ++session),
        config: { paths, env, version: "2026.11.1" },
        signal: AbortSignal.timeout(30_000),
      }),
    undo: (force = false) => undoNewestFix(paths, { nowMs: 5_000, force }),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Complains while `broken` is true, and plans these changes. */
function checkOf(id: string, broken: () => boolean, changes: () => Change[]): Check {
  return {
    id,
    summary: id,
    where: "anywhere",
    inspect: () =>
      broken()
        ? [
            {
              id: "legacy-keys",
              evidence: [id],
              repair: { does: "mend it", level: "safe", changes: changes() },
            },
          ]
        : [],
  };
}

test("fixed is said only when the check does not see it any more", async () => {
  using bench = openBench();
  const { file } = bench;
  const write = (content: string) => [{ kind: "write", path: file, content } as const];
  const works = checkOf(
    "works",
    () => !existsSync(file),
    () => write("good"),
  );
  const fails = checkOf(
    "fails",
    () => true,
    () => [{ kind: "chmod", path: bench.dir, mode: 0o700 }],
  );
  const done = await bench.repair([works, fails]);
  assert.deepEqual(
    done.map(({ finding, outcome }) => [finding.check, outcome]),
    [
      ["works", "fixed"],
      ["fails", "not-fixed"],
    ],
  );
});

test("a repair that makes the config unusable is taken back at once", async () => {
  using bench = openBench();
  const path = join(bench.dir, "openclaw.json");
  const worse = checkOf(
    "worse",
    () => true,
    () => [{ kind: "write", path, content: "{ broken" }],
  );
  const [done] = await bench.repair([worse]);
  assert.equal(done!.outcome, "taken-back");
  assert.equal(readFileSync(path, "utf8"), CONFIG);
  await assert.rejects(bench.undo(), /no repair/);
});

test("a repair that fails half way leaves nothing of itself", async () => {
  using bench = openBench();
  const { dir, file } = bench;
  writeFileSync(file, "before");
  const half = checkOf(
    "half",
    () => true,
    () => [
      { kind: "write", path: file, content: "half" },
      { kind: "move", from: join(dir, "not-there"), to: join(dir, "anywhere") },
    ],
  );
  const [done] = await bench.repair([half]);
  assert.equal(done!.outcome, "failed");
  assert.equal(readFileSync(file, "utf8"), "before");
});

test("what nobody allows is left", async () => {
  using bench = openBench();
  const check = checkOf(
    "c",
    () => true,
    () => [{ kind: "write", path: bench.file, content: "x" }],
  );
  const done = await bench.repair([check], false);
  assert.deepEqual(
    done.map(({ outcome }) => outcome),
    ["declined"],
  );
  assert.ok(!existsSync(bench.file));
});

test("undo brings bytes, modes and places back, newest first, and once", async () => {
  using bench = openBench();
  const { dir, file } = bench;
  writeFileSync(file, "one", { mode: 0o600 });
  writeFileSync(join(dir, "old"), "old");
  chmodSync(join(dir, "old"), 0o644);
  let step = 0;
  const changes: Change[][] = [
    [{ kind: "write", path: file, content: "two" }],
    [{ kind: "write", path: file, content: "three" }],
    [
      { kind: "chmod", path: join(dir, "old"), mode: 0o600 },
      { kind: "move", from: join(dir, "old"), to: join(dir, "data/aside/old") },
    ],
    [{ kind: "remove", path: file }],
  ];
  for (const set of changes) {
    const check = checkOf(
      `c${step++}`,
      () => step < 99,
      () => set,
    );
    await bench.repair([check]);
  }
  assert.ok(!existsSync(file) && existsSync(join(dir, "data/aside/old")));
  await bench.undo();
  assert.equal(readFileSync(file, "utf8"), "three");
  await bench.undo();
  assert.equal(statSync(join(dir, "old")).mode & 0o777, 0o644);
  await bench.undo();
  assert.equal(readFileSync(file, "utf8"), "two");
  await bench.undo();
  assert.equal(readFileSync(file, "utf8"), "one");
  await assert.rejects(bench.undo(), /no repair of the doctor to take back/);
});

test("undo does not overwrite what somebody has written since, unless told to, and then keeps it", async () => {
  using bench = openBench();
  const { dir, file } = bench;
  const check = checkOf(
    "c",
    () => !existsSync(file),
    () => [{ kind: "write", path: file, content: "fixed" }],
  );
  await bench.repair([check]);
  writeFileSync(file, "mine");
  await assert.rejects(bench.undo(), /has changed since/);
  assert.equal(readFileSync(file, "utf8"), "mine");
  await bench.undo(true);
  assert.ok(!existsSync(file));
  assert.equal(readFileSync(join(dir, "thing.before-undo.5000"), "utf8"), "mine");
});

test("[CONF-05] undo never makes a file readable for others", async () => {
  using bench = openBench();
  const { file } = bench;
  writeFileSync(file, "secret");
  chmodSync(file, 0o666);
  const check = checkOf(
    "c",
    () => readFileSync(file, "utf8") === "secret",
    () => [{ kind: "write", path: file, content: "other" }],
  );
  const umask = process.umask(0);
  await bench.repair([check]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await bench.undo();
  process.umask(umask);
  assert.equal(readFileSync(file, "utf8"), "secret");
  assert.equal(statSync(file).mode & 0o077, 0);
});

test("[CONF-18] the copies that undo needs are few and private", async () => {
  using bench = openBench();
  const { dir, file } = bench;
  for (let i = 0; i < 12; i++) {
    const check = checkOf(
      `c${i}`,
      () => true,
      () => [{ kind: "write", path: file, content: `version ${i}` }],
    );
    await bench.repair([check]);
  }
  const { readdirSync } = await import("node:fs");
  const names = readdirSync(join(dir, "data/doctor"), { recursive: true, encoding: "utf8" });
  assert.ok(names.filter((name) => /^\d+$/.test(name)).length <= 5);
  for (const name of names) assert.equal(statSync(join(dir, "data/doctor", name)).mode & 0o077, 0, name);
});

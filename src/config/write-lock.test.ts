import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Paths } from "../platform/paths.ts";
import { tempConfig } from "./state.fixture.ts";
import { withHistoryLock, withWriteLock } from "./write-lock.ts";

/** Another process that takes the lock, says so and keeps it. */
async function holder({ dataDir, stateDir, configPath }: Paths): Promise<ChildProcess> {
  const code = `
    import { withHistoryLock, withWriteLock } from "./write-lock.ts";
    await withWriteLock(${JSON.stringify({ dataDir, stateDir, configPath })}, async () => {
      console.log("locked");
      await new Promise((resolve) => process.stdin.once("data", resolve));
    });
    process.stdin.destroy();
  `;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", code], {
    cwd: import.meta.dirname,
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout!, "data");
  return child;
}

test("[CONF-16] one at a time, in this process and beside others", async (t) => {
  using state = tempConfig();
  const { paths } = state.input;
  const other = await holder(paths);
  t.after(() => other.kill("SIGKILL"));
  const seen: string[] = [];
  const steps = () => seen.length;
  const writers = ["a", "b", "c"].map((name) =>
    withWriteLock(paths, async () => {
      seen.push(`${name} in`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} out`);
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(steps(), 0);
  other.stdin!.write("go");
  await Promise.all(writers);
  assert.equal(steps(), 6);
  for (let i = 0; i < 6; i += 2) assert.equal(seen[i]!.slice(0, 1), seen[i + 1]!.slice(0, 1));
});

test("a killed owner leaves no lock", async () => {
  using state = tempConfig();
  const { paths } = state.input;
  const other = await holder(paths);
  other.kill("SIGKILL");
  await once(other, "exit");
  assert.equal(await withWriteLock(paths, async () => 7), 7);
});

test("who waits can be told to stop waiting; the lock is given back after a failure", async () => {
  using state = tempConfig();
  const { paths } = state.input;
  await assert.rejects(
    withWriteLock(paths, async () => {
      const waiting = withWriteLock(paths, async () => assert.fail("entered"), AbortSignal.abort());
      await assert.rejects(waiting, { name: "AbortError" });
      throw new Error("body");
    }),
    /body/,
  );
  assert.equal(await withWriteLock(paths, async () => 7), 7);
});

test("a damaged lock file does not stand in the way; it is 0600", async () => {
  using state = tempConfig();
  const { paths } = state.input;
  mkdirSync(paths.dataDir, { recursive: true });
  const file = join(paths.dataDir, "config.lock");
  writeFileSync(file, "garbage".repeat(1_000), { mode: 0o666 });
  assert.equal(await withWriteLock(paths, async () => 7), 7);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

const SHARED = ".openclaw-config.lock";

/** Paths of state folders that use one config, which lies where `configIn` says. */
function neighbours(state: ReturnType<typeof tempConfig>, configIn: "elsewhere" | "a") {
  const { paths } = state.input;
  const at = (name: string) => join(state.dir, "..", name);
  const configPath = join(at(configIn), "openclaw.json");
  mkdirSync(at(configIn), { recursive: true });
  writeFileSync(configPath, "{}");
  const of = (name: string): Paths => ({
    ...paths,
    configPath,
    stateDir: at(name),
    dataDir: join(at(name), "data"),
  });
  return { a: of("a"), b: of("b"), folder: at(configIn) };
}

const NEIGHBOURS = [
  { name: "outside of both", configIn: "elsewhere", first: "a", second: "b" },
  { name: "of the one that locks first", configIn: "a", first: "a", second: "b" },
  { name: "of the one that locks second", configIn: "a", first: "b", second: "a" },
] as const;
for (const { name, configIn, first, second } of NEIGHBOURS) {
  test(`[CONF-03] two state folders with one config exclude each other: the config is ${name}`, async (t) => {
    using state = tempConfig();
    const { folder, ...paths } = neighbours(state, configIn);
    const other = await holder(paths[first]);
    t.after(() => other.kill("SIGKILL"));
    let entered = false;
    const waiting = withWriteLock(paths[second], async () => {
      entered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(entered, false);
    other.stdin!.write("go");
    await waiting;
    assert.ok(existsSync(join(folder, SHARED)));
  });
}

test("a config in its own state folder has no lock beside it, one reached over a link has", async () => {
  using state = tempConfig("{}");
  const { paths } = state.input;
  await withWriteLock(paths, async () => {});
  assert.ok(!existsSync(join(state.dir, SHARED)));
  const { a, folder } = neighbours(state, "elsewhere");
  mkdirSync(a.stateDir);
  const link = join(a.stateDir, "openclaw.json");
  symlinkSync(a.configPath, link);
  await withWriteLock({ ...a, configPath: link }, async () => {});
  assert.equal(statSync(join(folder, SHARED)).mode & 0o777, 0o600);
});

test("who only adds to the history does not ask for the lock beside the config", async () => {
  using state = tempConfig();
  const { a, folder } = neighbours(state, "elsewhere");
  assert.equal(await withHistoryLock(a, async () => 7), 7);
  assert.ok(!existsSync(join(folder, SHARED)));
});

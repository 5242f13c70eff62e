import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tempConfig } from "./state.fixture.ts";
import { withWriteLock } from "./write-lock.ts";

/** Another process that takes the lock, says so and keeps it. */
async function holder(dataDir: string): Promise<ChildProcess> {
  const code = `
    import { withWriteLock } from "./write-lock.ts";
    await withWriteLock({ dataDir: ${JSON.stringify(dataDir)} }, async () => {
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
  const { dataDir } = state.input.paths;
  const other = await holder(dataDir);
  t.after(() => other.kill("SIGKILL"));
  const seen: string[] = [];
  const steps = () => seen.length;
  const writers = ["a", "b", "c"].map((name) =>
    withWriteLock({ dataDir }, async () => {
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
  const { dataDir } = state.input.paths;
  const other = await holder(dataDir);
  other.kill("SIGKILL");
  await once(other, "exit");
  assert.equal(await withWriteLock({ dataDir }, async () => 7), 7);
});

test("who waits can be told to stop waiting; the lock is given back after a failure", async () => {
  using state = tempConfig();
  const { dataDir } = state.input.paths;
  await assert.rejects(
    withWriteLock({ dataDir }, async () => {
      const waiting = withWriteLock({ dataDir }, async () => assert.fail("entered"), AbortSignal.abort());
      await assert.rejects(waiting, { name: "AbortError" });
      throw new Error("body");
    }),
    /body/,
  );
  assert.equal(await withWriteLock({ dataDir }, async () => 7), 7);
});

test("a damaged lock file does not stand in the way; it is 0600", async () => {
  using state = tempConfig();
  const { dataDir } = state.input.paths;
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, "config.lock");
  writeFileSync(file, "garbage".repeat(1_000), { mode: 0o666 });
  assert.equal(await withWriteLock({ dataDir }, async () => 7), 7);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { kernelBootId, processStartTicks, readOomKills } from "./kernel.ts";

test("both versions write the counter alike", () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "openclaw-kernel-"));
  const file = join(folder.path, "counter");
  writeFileSync(file, "low 0\noom 4\noom_kill 3\noom_group_kill 0\n");
  assert.equal(readOomKills(file), 3);
  writeFileSync(file, "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  assert.equal(readOomKills(file), 1);
  assert.equal(readOomKills(join(folder.path, "none")), undefined);
});

test("a process has one start, whatever its name is", { skip: process.platform !== "linux" }, () => {
  assert.equal(processStartTicks("self"), processStartTicks(process.pid));
  assert.ok(processStartTicks("self")! > 0);
  assert.equal(processStartTicks(0), undefined);
  assert.ok(kernelBootId());
});

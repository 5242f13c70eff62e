import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { kernelBootId, oomCounterFiles, processStartTicks, readOomKills } from "./kernel.ts";

const PLACES: readonly { name: string; cgroups: string; files: string[] }[] = [
  {
    name: "version 2",
    cgroups: "0::/system.slice/openclaw.service\n",
    files: ["/sys/fs/cgroup/system.slice/openclaw.service/memory.events", "/sys/fs/cgroup/memory.events"],
  },
  { name: "version 2 in a container", cgroups: "0::/\n", files: ["/sys/fs/cgroup/memory.events"] },
  {
    name: "version 1, and 2 without controllers",
    cgroups: "9:name=systemd:/\n4:memory:/docker/abc\n1:cpu,cpuacct:/\n0::/\n",
    files: [
      "/sys/fs/cgroup/memory/docker/abc/memory.oom_control",
      "/sys/fs/cgroup/memory/memory.oom_control",
      "/sys/fs/cgroup/memory.events",
    ],
  },
  { name: "nothing", cgroups: "", files: [] },
];
for (const { name, cgroups, files } of PLACES) {
  test(`where the OOM counter is: ${name}`, () => assert.deepEqual(oomCounterFiles(cgroups), files));
}

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

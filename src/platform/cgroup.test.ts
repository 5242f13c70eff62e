import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryGroupOf } from "./cgroup.ts";
import { parseMountinfo } from "./mounts.ts";

const V2 = "30 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw";
const V2_PART = "30 22 0:27 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw";
const V1 = "34 30 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory";
const MB = 1_048_576;

const CASES = [
  {
    name: "version 2: the smallest limit on the way up, the kills of the group itself",
    mounts: V2,
    table: "0::/user.slice/app.scope",
    files: {
      "/sys/fs/cgroup/user.slice/app.scope/memory.max": "max\n",
      "/sys/fs/cgroup/user.slice/app.scope/memory.events": "low 0\noom 5\noom_kill 3\noom_group_kill 0\n",
      "/sys/fs/cgroup/user.slice/memory.max": `${200 * MB}\n`,
    },
    want: {
      limit: { bytes: 200 * MB, file: "/sys/fs/cgroup/user.slice/memory.max" },
      oomKills: { count: 3, file: "/sys/fs/cgroup/user.slice/app.scope/memory.events" },
    },
  },
  {
    name: "version 2 in a container: the mount shows the group itself",
    mounts: V2_PART,
    table: "0::/docker/abc",
    files: { "/sys/fs/cgroup/memory.max": `${128 * MB}\n` },
    want: { limit: { bytes: 128 * MB, file: "/sys/fs/cgroup/memory.max" } },
  },
  {
    name: "version 2 with a namespace of its own: the path is the root",
    mounts: V2,
    table: "0::/",
    files: { "/sys/fs/cgroup/memory.max": `${64 * MB}` },
    want: { limit: { bytes: 64 * MB, file: "/sys/fs/cgroup/memory.max" } },
  },
  {
    name: "version 1: a number near the end of the range is no limit",
    mounts: V1,
    table: "9:name=systemd:/\n4:memory:/docker/abc\n0::/",
    files: {
      "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "134217728\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/docker/abc/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
    },
    want: {
      limit: { bytes: 134_217_728, file: "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes" },
      oomKills: { count: 1, file: "/sys/fs/cgroup/memory/docker/abc/memory.oom_control" },
    },
  },
  {
    name: "version 1: a controller that shares its hierarchy",
    mounts: V1,
    table: "4:cpu,memory:/x",
    files: { "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "1000" },
    want: { limit: { bytes: 1_000, file: "/sys/fs/cgroup/memory/x/memory.limit_in_bytes" } },
  },
  { name: "no control groups, no limit", mounts: "", table: "", files: {}, want: {} },
  { name: "unreadable files say nothing", mounts: V2, table: "0::/a/b", files: {}, want: {} },
] as const;

for (const { name, mounts, table, files, want } of CASES) {
  test(name, () => {
    const text = (path: string) => (files as Record<string, string>)[path];
    assert.deepEqual(memoryGroupOf(table, parseMountinfo(mounts), text), want);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { oomLines } from "./oom-lines.ts";

const killedIn = (group: string, pid: number, atS: number) => `\
[${atS}.100000] node invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
[${atS}.200000] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${group},task_memcg=${group},task=node,pid=${pid},uid=0
[${atS}.300000] Memory cgroup out of memory: Killed process ${pid} (node) total-vm:64kB, anon-rss:1kB
`;
const GLOBAL = `\
[ 1000.200000] Out of memory: Killed process 1234 (node) total-vm:2048000kB, anon-rss:900000kB, file-rss:0kB
[Wed Nov 25 19:05:52 2026] Out of memory: Killed process 5 (chrome) total-vm:1kB
`;
const EVER = { uptimeS: undefined, maxAgeS: 0, group: undefined, max: 10 };

const pids = (lines: string[]) => lines.map((line) => /process (\d+)/.exec(line)?.[1]);

test("a machine that ran out of memory: the newest lines, in the words of the kernel", () => {
  assert.deepEqual(oomLines(GLOBAL, { ...EVER, max: 1 }), [
    "Out of memory: Killed process 5 (chrome) total-vm:1kB",
  ]);
  assert.match(oomLines(GLOBAL, EVER)[0]!, /^Out of memory: Killed process 1234 \(node\) total-vm:2048000kB/);
});

const GROUPS = [
  { name: "the group asked for", limited: "/docker/abc", group: "/docker/abc", counts: true },
  { name: "a group above it", limited: "/user.slice", group: "/user.slice/x.scope", counts: true },
  { name: "a group beside it", limited: "/docker/abc", group: "/docker/abcd", counts: false },
  { name: "a group below it", limited: "/docker/abc/x", group: "/docker/abc", counts: false },
  {
    name: "a service of ours that does not run any more",
    limited: "/user.slice/openclaw-gateway.service",
    group: "/",
    counts: true,
  },
  {
    name: "somebody else's, and nobody is asked for",
    limited: "/docker/abc",
    group: undefined,
    counts: false,
  },
] as const;

for (const { name, limited, group, counts } of GROUPS) {
  test(`a limit that was reached ${counts ? "counts" : "does not count"}: ${name}`, () => {
    assert.deepEqual(pids(oomLines(killedIn(limited, 99, 10), { ...EVER, group })), counts ? ["99"] : []);
  });
}

test("what was long ago is over; a stamp of another clock is not judged", () => {
  const log = GLOBAL + killedIn("/x", 99, 2_000);
  assert.deepEqual(pids(oomLines(log, { uptimeS: 2_100, maxAgeS: 600, group: "/x", max: 10 })), ["5", "99"]);
});

test("a log without such lines says nothing", () => {
  assert.deepEqual(oomLines("[ 1.0] usb 1-1: new device", EVER), []);
});

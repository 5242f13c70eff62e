import assert from "node:assert/strict";
import { test } from "node:test";
import { oomLines } from "./oom-lines.ts";

const LOG = `
[    0.000000] Linux version 6.1.0
[ 1000.100000] node invoked oom-killer: gfp_mask=0x140cca, order=0, oom_score_adj=0
[ 1000.200000] Out of memory: Killed process 1234 (node) total-vm:2048000kB, anon-rss:900000kB, file-rss:0kB
[ 2000.200000] Memory cgroup out of memory: Killed process 99 (node) total-vm:64kB, anon-rss:1kB
[ 2000.300000] Memory cgroup out of memory: Killed process 98 (postgres) total-vm:64kB, anon-rss:1kB
[Wed Nov 25 19:05:52 2026] Out of memory: Killed process 5 (chrome) total-vm:1kB
`;
const EVER = { uptimeS: undefined, maxAgeS: 0, max: 10 };

test("the newest lines, in the words of the kernel", () => {
  assert.deepEqual(oomLines(LOG, { ...EVER, max: 2 }), [
    "Memory cgroup out of memory: Killed process 99 (node) total-vm:64kB, anon-rss:1kB",
    "Out of memory: Killed process 5 (chrome) total-vm:1kB",
  ]);
  assert.match(oomLines(LOG, EVER)[0]!, /^Out of memory: Killed process 1234 \(node\) total-vm:2048000kB/);
});

test("a group at its own limit counts only where a Node was in it", () => {
  assert.equal(oomLines(LOG, EVER).length, 3);
  assert.equal(
    oomLines(LOG, EVER).some((line) => line.includes("postgres")),
    false,
  );
});

test("what was long ago is over; a stamp of another clock is not judged", () => {
  const lines = oomLines(LOG, { uptimeS: 2_100, maxAgeS: 600, max: 10 });
  assert.deepEqual(
    lines.map((line) => /process (\d+)/.exec(line)?.[1]),
    ["99", "5"],
  );
});

test("a log without such lines says nothing", () => {
  assert.deepEqual(oomLines("[ 1.0] usb 1-1: new device", EVER), []);
});

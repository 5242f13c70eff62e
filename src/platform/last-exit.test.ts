import assert from "node:assert/strict";
import { test } from "node:test";
import type { Boot } from "./boot-ledger.ts";
import { type ExitFacts, exitText, lastExit } from "./last-exit.ts";

const MIN = 60_000;
const boot: Boot = {
  id: "one",
  pid: 1234,
  version: "1",
  port: 18789,
  kernelBootId: "boot-a",
  threadIds: [1234, 1235, 1236],
  oom: { file: "/cg/memory.events", kills: 2 },
  startedAtMs: 0,
  stages: [{ stage: "starting", atMs: 0 }],
};
const OOM_LINE = "Out of memory: Killed process 1234 (node) total-vm:2048000kB, anon-rss:1kB";
const SEGFAULT_LINE = "MainThread[1234]: segfault at 0 ip 00007f97 sp 00007ffd error 6 in libc.so.6";

const UNCLEAN: readonly { name: string; facts: ExitFacts; cause: string; text: RegExp }[] = [
  {
    name: "no trace at all",
    facts: {},
    cause: "killed",
    text: /^was killed \(SIGKILL\) or lost power, 3 min ago/,
  },
  {
    name: "another boot of the machine",
    facts: { kernelBootId: "boot-b", oomKills: 3 },
    cause: "machine-restarted",
    text: /restart of the machine/,
  },
  {
    name: "[proc-oom-dmesg] the kernel's own line",
    facts: { kernelBootId: "boot-a", kernelLog: `x\n${OOM_LINE}\ny` },
    cause: "oom",
    text: /was killed by the OOM killer \(out of memory\).*Out of memory: Killed process 1234 \(node\) total-vm:2048000kB/,
  },
  {
    name: "the line of a memory group",
    facts: { kernelLog: "Memory cgroup out of memory: Killed process 1234 (node) total-vm:1kB" },
    cause: "oom",
    text: /OOM/,
  },
  {
    name: "the line of another process",
    facts: { kernelLog: OOM_LINE.replace("1234", "12345") },
    cause: "killed",
    text: /SIGKILL/,
  },
  {
    name: "a counter that rose",
    facts: { oomKills: 3 },
    cause: "oom",
    text: /oom_kill rose from 2 to 3 in \/cg\/memory\.events/,
  },
  { name: "a counter that stands", facts: { oomKills: 2 }, cause: "killed", text: /killed/ },
  { name: "a counter that began anew", facts: { oomKills: 0 }, cause: "killed", text: /killed/ },
  {
    name: "[proc-segfault] a segmentation fault",
    facts: { kernelLog: SEGFAULT_LINE },
    cause: "segfault",
    text: /was killed by a segmentation fault \(SIGSEGV\)/,
  },
  {
    name: "a segmentation fault in another thread of it",
    facts: { kernelLog: SEGFAULT_LINE.replace("MainThread[1234]", "V8Worker[1236]") },
    cause: "segfault",
    text: /V8Worker\[1236\]: segfault/,
  },
  {
    name: "a segmentation fault of somebody else",
    facts: { kernelLog: SEGFAULT_LINE.replace("1234", "1238") },
    cause: "killed",
    text: /was killed/,
  },
  {
    name: "a signal in the audit",
    facts: {
      kernelLog: 'audit: type=1701 audit(1.2:3): auid=0 uid=0 pid=1234 comm="node" exe="/n" sig=11 res=1',
    },
    cause: "segfault",
    text: /SIGSEGV/,
  },
];
for (const { name, facts, cause, text } of UNCLEAN) {
  test(`no goodbye, ${name}: ${cause}`, () => {
    const exit = lastExit([{ ...boot, id: "zero", end: { kind: "stopped", atMs: 0 } }, boot], {
      ...facts,
      lastSignAtMs: 7 * MIN,
    });
    assert.equal(exit.kind, "unclean");
    assert.equal(exit.cause, cause);
    assert.match(exitText(exit, 10 * MIN)!, text);
  });
}

test("a goodbye is believed", () => {
  const ended = (end: Boot["end"]) => lastExit([{ ...boot, end }], {});
  assert.equal(lastExit([], {}).kind, "none");
  assert.equal(ended({ kind: "stopped", atMs: 1 }).kind, "clean");
  assert.equal(exitText(ended({ kind: "stopped", atMs: 1 }), 2), undefined);
  const failed = ended({ kind: "failed", atMs: 1, cause: "port taken", fix: "another" });
  assert.deepEqual(
    [failed.kind, exitText(failed, 2)],
    ["failed", "failed less than a minute ago: port taken"],
  );
  assert.match(
    exitText(ended({ kind: "restarting", atMs: 0 }), 3 * 60 * MIN)!,
    /^failed 3 h ago: .*did not come back/,
  );
  assert.match(exitText(ended({ kind: "crash storm", atMs: 0 }), 72 * 60 * MIN)!, /^failed 3 days ago/);
});

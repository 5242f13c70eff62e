import assert from "node:assert/strict";
import { test } from "node:test";
import { explainStall } from "./stalls.ts";

const reading = (cpuCoreRatio: number) => ({
  degraded: true,
  reasons: [],
  intervalMs: 10_000,
  delayP99Ms: 2_000,
  delayMaxMs: 2_000.4,
  utilization: 1,
  cpuCoreRatio,
});

const CASES = [
  {
    name: "work that is known to have kept the thread",
    cpu: 0.3,
    known: { blocker: { what: "rpc config.get", ms: 1_990 }, pending: [] },
    want: /^rpc config\.get took 1990 ms$/,
  },
  {
    name: "work that was too short to be it",
    cpu: 0.3,
    known: { blocker: { what: "rpc config.get", ms: 200 }, pending: ["2 turns", "rpc chat.send"] },
    want: /^not known; open at that time: 2 turns, rpc chat\.send$/,
  },
  {
    name: "a process that did not get to run",
    cpu: 0.02,
    known: { pending: [] },
    want: /^the process did not run/,
  },
] as const;
for (const { name, cpu, known, want } of CASES)
  test(`[R31] ${name}`, () => {
    const { ms, cause } = explainStall(reading(cpu), known);
    assert.equal(ms, 2_000);
    assert.match(cause, want);
  });

import assert from "node:assert/strict";
import { test } from "node:test";
import { explainStall } from "./stalls.ts";

const CASES = [
  {
    name: "work that is known to have kept the thread",
    cpuMs: 1_900,
    around: { blocker: { what: "rpc config.get", ms: 1_990 }, open: [] },
    want: /^rpc config\.get took 1990 ms$/,
  },
  {
    name: "work that was too short to be it",
    cpuMs: 1_900,
    around: { blocker: { what: "rpc config.get", ms: 200 }, open: ["2 turns", "rpc chat.send"] },
    want: /^not known; open at that time: 2 turns, rpc chat\.send$/,
  },
  {
    name: "a process that did not get to run",
    cpuMs: 40,
    around: { blocker: undefined, open: [] },
    want: /^the process did not run/,
  },
] as const;
for (const { name, cpuMs, around, want } of CASES)
  test(`[R31] ${name}`, () =>
    assert.match(explainStall({ ms: 2_000, windowMs: 10_000, cpuMs }, around), want));

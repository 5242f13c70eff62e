import assert from "node:assert/strict";
import { test } from "node:test";
import { requireInvariants } from "../kit/invariants.ts";
import { freePort } from "../kit/port.ts";
import { spawnOpenclaw } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";

/** 20 with OPENCLAW_TEST_LONG=1. */
const STARTS = process.env.OPENCLAW_TEST_LONG === "1" ? 20 : 6;

test(`[R11] [lock-another-instance] ${STARTS} starts at once: exactly one wins, the others name it and leave it alone`, async () => {
  using state = makeState(localConfig(await freePort()));
  const starts = Array.from({ length: STARTS }, () => spawnOpenclaw(["gateway", "run"], state));
  const losers: { code: number | null; stderr: string }[] = [];
  const winner = await new Promise<(typeof starts)[number]>((resolve, reject) => {
    for (const start of starts) {
      void start.ended.then((end) => {
        losers.push(end);
        if (losers.length === STARTS) reject(new Error(`nobody won:\n${end.stderr}`));
        if (losers.length === STARTS - 1) resolve(starts.find(({ child }) => child.exitCode === null)!);
      });
    }
  });
  await winner.printed(/\[gateway\] ready/);
  for (const { code, stderr } of losers) {
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`gateway already running \\(pid ${winner.child.pid}, port \\d+\\)`));
  }
  winner.child.kill("SIGTERM");
  assert.equal((await winner.ended).code, 0);
  await requireInvariants(state);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { type Boot, crashesInARow, failuresInARow, LOOP_MS } from "../platform/boot-ledger.ts";
import type { BootRecord } from "../platform/boot-record.ts";
import { openScope } from "../platform/scope.ts";
import type { Journal } from "../sessions/journal.ts";
import { CLEAN_MS, openSafeMode } from "./safe-mode.ts";

const NOW = 10_000_000;
type End = NonNullable<Boot["end"]>["kind"];

function boot(agoMs: number, end?: End, kernelBootId = "k"): Boot {
  const startedAtMs = NOW - agoMs;
  const ended = end && { end: { kind: end, atMs: startedAtMs } };
  return { id: `${agoMs}`, pid: 1, version: "1", port: 1, startedAtMs, stages: [], kernelBootId, ...ended };
}

const ROWS: readonly { name: string; boots: Boot[]; crashes: number }[] = [
  { name: "three that said nothing", boots: [boot(30_000), boot(20_000), boot(10_000)], crashes: 3 },
  {
    name: "storms and hangs are crashes",
    boots: [boot(3, "crash storm"), boot(2, "hung"), boot(1)],
    crashes: 3,
  },
  {
    name: "a start that failed is none, and breaks nothing",
    boots: [boot(3), boot(2, "failed"), boot(1)],
    crashes: 2,
  },
  {
    name: "a stop in good order ends the row",
    boots: [boot(4), boot(3), boot(2, "stopped"), boot(1)],
    crashes: 1,
  },
  { name: "so does a restart", boots: [boot(4), boot(3), boot(2, "restarting")], crashes: 0 },
  { name: "what is older does not count", boots: [boot(LOOP_MS), boot(2), boot(1)], crashes: 2 },
  {
    name: "a machine that went down is no crash of ours",
    boots: [boot(3, undefined, "j"), boot(2, undefined, "j")],
    crashes: 0,
  },
];
for (const { name, boots, crashes } of ROWS) {
  test(`crashes in a row: ${name}`, () =>
    assert.equal(crashesInARow(boots, { nowMs: NOW, kernelBootId: "k" }).length, crashes));
}

test("failures in a row end with any other boot", () => {
  assert.equal(failuresInARow([boot(3, "failed"), boot(2, "failed")], NOW), 2);
  assert.equal(failuresInARow([boot(3, "failed"), boot(2), boot(1, "failed")], NOW), 1);
  assert.equal(failuresInARow([boot(LOOP_MS, "failed"), boot(1, "failed")], NOW), 1);
});

function opened(tally: { ok: number; cutOff: number }) {
  const clock = handClock();
  const said: string[] = [];
  const ledger: string[] = [];
  const record = {
    enteredSafeMode: (count: number) => void ledger.push(`entered ${count}`),
    leftSafeMode: () => void ledger.push("left"),
  } as unknown as BootRecord;
  const log = { info: (text: string) => void said.push(text), warn: (text: string) => void said.push(text) };
  const mode = openSafeMode({
    crashes: [boot(3), boot(2), boot(1)],
    boot: record,
    clock,
    log: log as never,
  });
  mode.judge({ tally: () => tally } as unknown as Journal);
  mode.entered({ parked: 1, interrupted: 0 });
  return { mode, clock, said, ledger };
}

test("safe mode ends by itself after a minute without a crash, and what waits for it goes on", async () => {
  const { mode, clock, said, ledger } = opened({ ok: 3, cutOff: 1 });
  const scope = openScope("test", { clock, onError: assert.fail });
  mode.watch(scope);
  assert.match(said[0]!, /safe mode after 3 crashes in a row; 1 turn waits, new messages are answered/);
  assert.equal(mode.refusal(), undefined);
  clock.advance(CLEAN_MS - 1);
  assert.equal(mode.active(), true);
  clock.advance(1);
  await mode.over;
  assert.equal(mode.report(), undefined);
  assert.deepEqual(ledger, ["entered 3", "left"]);
  await scope[Symbol.asyncDispose]();
});

test("messages are refused only where different turns were cut off and none ended well", () => {
  assert.equal(opened({ ok: 0, cutOff: 1 }).mode.refusal(), undefined);
  assert.equal(opened({ ok: 1, cutOff: 5 }).mode.refusal(), undefined);
  assert.match(opened({ ok: 0, cutOff: 2 }).mode.refusal() ?? "", /safe mode/);
});

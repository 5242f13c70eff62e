import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../../test/kit/clock.ts";
import { nullLog } from "../../platform/log.ts";
import { memoryLevel, memoryRules, memoryUse, topConsumer } from "./memory-level.ts";
import { type MemoryWatchdogInput, openMemoryWatchdog } from "./memory-watchdog.ts";
import { openStabilityRing } from "./ring.ts";
import type { MemoryLevel, MemoryState } from "./stability.ts";

const MB = 1_048_576;
const reading = (rssMb: number, heapMb = 50) => ({
  rssBytes: rssMb * MB,
  heapUsedBytes: heapMb * MB,
  heapTotalBytes: heapMb * MB,
  heapLimitBytes: 1_000 * MB,
  externalBytes: 5 * MB,
});

const LEVELS: readonly (readonly [use: number, before: MemoryLevel, want: MemoryLevel])[] = [
  [0.5, "normal", "normal"],
  [0.75, "normal", "shedding"],
  [0.85, "normal", "refusing"],
  [0.95, "shedding", "restarting"],
  [0.94, "restarting", "restarting"],
  [0.89, "restarting", "refusing"],
  [0.81, "refusing", "refusing"],
  [0.79, "refusing", "shedding"],
  [0.72, "shedding", "shedding"],
  [0.69, "shedding", "normal"],
  [0.72, "normal", "normal"],
];
for (const [use, before, want] of LEVELS)
  test(`${use * 100} % of the budget, after ${before}: ${want}`, () =>
    assert.equal(memoryLevel(use, before), want));

test("the budget follows the limit of the group, with a cap, and the owner's word counts more", () => {
  const of = (settings: object, mb: number) =>
    memoryRules(settings, { bytes: mb * MB, source: "" }).budgetBytes / MB;
  assert.equal(Math.round(of({}, 512)), 461);
  assert.equal(of({}, 64_000), 2_048);
  assert.equal(of({ maxMb: 300 }, 64_000), 300);
});

test("V8's own limit counts as well", () => {
  const rules = memoryRules({ maxMb: 4_000 }, { bytes: 1, source: "" });
  assert.equal(memoryUse(reading(500, 900), rules), 0.9);
});

test("what takes most is named", () => {
  const facts = { unreadBytes: 0, turnsRunning: 2, turnsWaiting: 7 };
  assert.match(
    topConsumer(reading(600, 400), facts),
    /JavaScript heap: 400 MB, with 2 turns running and 7 waiting/,
  );
  assert.match(topConsumer(reading(600, 100), facts), /native memory: 495 MB/);
  const slowest = { client: "old tablet", conn: "c-1", unreadBytes: 180 * MB };
  const slow = { ...facts, unreadBytes: 200 * MB, slowest };
  assert.match(topConsumer(reading(600, 400), slow), /not read: 200 MB, most by old tablet \(c-1\)/);
});

/** A watchdog over memory that the test moves. */
function open(over: Partial<MemoryWatchdogInput> = {}) {
  const clock = handClock();
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const state: MemoryState = { level: "normal" };
  const happened: string[] = [];
  const ring = openStabilityRing(clock.now);
  const memory = { mb: 100, freedByShedding: 0 };
  const watchdog = openMemoryWatchdog({
    clock,
    log: { ...nullLog(), info: write, warn: write, error: write },
    ring,
    state,
    read: () => reading(memory.mb),
    rules: () => ({ budgetBytes: 1_000 * MB, restart: true, minUptimeMs: 900_000 }),
    topConsumer: () => "a test",
    shed() {
      happened.push("shed");
      memory.mb -= memory.freedByShedding;
    },
    relax: () => void happened.push("relax"),
    uptimeMs: () => 10_000_000,
    drained: async () => void happened.push("drained"),
    restart: async (why) => void happened.push(`restart ${why}`),
    ...over,
  });
  const look = (mb: number) => {
    memory.mb = mb;
    clock.advance(watchdog.nextMs());
    watchdog.look();
    return state.level;
  };
  return { clock, lines, state, happened, ring, memory, watchdog, look };
}

test("[R37] caches go, then new turns are refused, then it restarts, each with the top consumer", async () => {
  const { look, happened, lines, ring, watchdog } = open();
  assert.equal(watchdog.nextMs(), 10_000);
  assert.equal(look(100), "normal");
  assert.equal(look(800), "shedding");
  assert.equal(watchdog.nextMs(), 1_000);
  assert.equal(look(900), "refusing");
  assert.equal(look(960), "refusing");
  assert.equal(look(960), "refusing");
  assert.deepEqual(happened, ["shed"]);
  assert.equal(look(960), "restarting");
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(happened, ["shed", "drained", "restart memory: a test"]);
  assert.equal(look(970), "restarting");
  assert.equal(happened.length, 3);
  assert.match(lines[0]!, /^memory pressure: 800 MB of 1000 MB; caches are given back$/);
  assert.match(lines[1]!, /new turns are refused until there is room$/);
  assert.match(lines[2]!, /the gateway restarts as soon as its turns have ended$/);
  const { events } = ring.read({ limit: 10 });
  assert.deepEqual(
    events.map(({ type, level, topConsumer }) => [type, level, topConsumer]),
    ["shedding", "refusing", "restarting"].map((level) => ["memory.pressure", level, "a test"]),
  );
});

test("garbage is no pressure: when shedding helps nothing is refused, and it is not shed all the time", () => {
  const { look, memory, happened, lines } = open();
  memory.freedByShedding = 500;
  assert.equal(look(900), "normal");
  assert.deepEqual(happened, ["shed", "relax"]);
  assert.equal(lines.length, 0);
  assert.equal(look(900), "refusing");
  assert.equal(happened.filter((what) => what === "shed").length, 1);
});

test("it comes back by itself, and says so", () => {
  const { look, happened, lines, state } = open();
  look(900);
  assert.equal(look(820), "refusing");
  assert.equal(look(790), "shedding");
  assert.equal(look(300), "normal");
  assert.equal(happened.at(-1), "relax");
  assert.match(lines.at(-1)!, /memory is back to normal: 300 MB of 1000 MB/);
  assert.equal(state.topConsumer, undefined);
});

test("no restart after restart: a young gateway, or one whose owner forbids it, goes on refusing and says why once", () => {
  for (const over of [
    { uptimeMs: () => 60_000 },
    { rules: () => ({ budgetBytes: 1_000 * MB, restart: false, minUptimeMs: 0 }) },
  ]) {
    const { look, happened, lines } = open(over);
    for (let n = 0; n < 10; n++) assert.equal(look(990), "refusing");
    assert.ok(!happened.some((what) => what.startsWith("restart")));
    assert.equal(lines.filter((line) => line.includes("there is no restart")).length, 1);
  }
});

test("a restart that is refused is asked for again, but not at once", async () => {
  let asked = 0;
  const { look, clock, state } = open({
    restart: async () => {
      asked++;
      throw new Error("the config is broken");
    },
  });
  const press = async (times: number) => {
    for (let n = 0; n < times; n++) {
      look(990);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await press(20);
  assert.equal(asked, 1);
  assert.equal(state.level, "refusing");
  clock.advance(300_000);
  await press(5);
  assert.equal(asked, 2);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../test/kit/until.ts";
import { type Stalled, watchEventLoop } from "./event-loop.ts";

function compute(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test("[R31] a stall right behind the begin of a window is seen too, once, and by everybody who asks", async () => {
  using monitor = watchEventLoop();
  const told: Stalled[] = [];
  monitor.onStall((stall) => void told.push(stall));
  compute(1_400);
  await until("it is told", () => {
    monitor.read();
    return told.length > 0;
  });
  assert.ok(told[0]!.ms >= 1_000 && told[0]!.cpuMs > 0);
  monitor.read();
  assert.equal(told.length, 1);
  assert.ok(monitor.read().delayMaxMs >= 1_000 && monitor.read().degraded);
  assert.ok(monitor.recent()["1"] >= 1_000);
});

test("a thread that is free has no delay to speak of", async () => {
  using monitor = watchEventLoop();
  await sleep(700);
  const { intervalMs, cpuCoreRatio, utilization } = monitor.read();
  assert.ok(intervalMs >= 600);
  assert.ok(cpuCoreRatio >= 0 && utilization >= 0 && utilization <= 1);
});

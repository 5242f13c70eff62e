import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { systemClock } from "./clock.ts";

test("the system clock calls once after, and again and again every", async () => {
  const calls: string[] = [];
  const done = Promise.withResolvers<void>();
  using _once = systemClock.after(1, () => calls.push("after"));
  using _every = systemClock.every(1, () => {
    calls.push("every");
    if (calls.filter((call) => call === "every").length === 3) done.resolve();
  });
  const hold = setInterval(() => {}, 1_000);
  await done.promise;
  clearInterval(hold);
  assert.equal(calls.filter((call) => call === "after").length, 1);
});

test("a disposed timer does not fire", async () => {
  const timer = systemClock.after(1, () => assert.fail("fired"));
  timer[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 10));
});

test("a timer of a hundred days does not fire at once", async () => {
  using _timer = systemClock.after(100 * 86_400_000, () => assert.fail("fired"));
  using _every = systemClock.every(100 * 86_400_000, () => assert.fail("fired"));
  await new Promise((resolve) => setTimeout(resolve, 10));
});

test("time on the hand clock moves by hand, in order, and each alarm sees its own moment", () => {
  const clock = handClock(1_000);
  const seen: [string, number][] = [];
  clock.after(30, () => seen.push(["late", clock.now()]));
  const every = clock.every(10, () => seen.push(["tick", clock.now()]));
  clock.after(5, () => clock.after(10, () => seen.push(["nested", clock.monotonic()])));
  clock.advance(20);
  every[Symbol.dispose]();
  clock.advance(100);
  assert.deepEqual(seen, [
    ["tick", 1_010],
    ["nested", 15],
    ["tick", 1_020],
    ["late", 1_030],
  ]);
  assert.equal(clock.now(), 1_120);
});

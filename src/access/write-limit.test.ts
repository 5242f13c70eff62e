import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { CONTROL_PLANE_WRITES, limitWrites } from "./write-limit.ts";

test("[DOS-24] thirty writes a minute, each method and each caller for itself", () => {
  const clock = handClock();
  const limit = limitWrites(CONTROL_PLANE_WRITES, clock);
  for (let count = 0; count < 30; count++) assert.equal(limit.take("config.patch a"), 0);
  clock.advance(20_000);
  assert.equal(limit.take("config.patch a"), 40_000);
  assert.equal(limit.take("config.patch b"), 0);
  assert.equal(limit.take("config.apply a"), 0);
  clock.advance(40_000);
  assert.equal(limit.take("config.patch a"), 0);
});

test("[DOS-22] invented callers do not grow memory, and those who are counted keep their count for as long as there is room", () => {
  const limit = limitWrites({ maxWrites: 1, windowMs: 60_000 }, handClock());
  assert.equal(limit.take("first"), 0);
  for (let count = 0; count < 9_999; count++) limit.take(`caller ${count}`);
  assert.equal(limit.take("first"), 60_000);
  limit.take("one more");
  assert.equal(limit.take("first"), 0);
});

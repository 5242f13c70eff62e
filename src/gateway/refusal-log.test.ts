import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { nullLog } from "../platform/log.ts";
import { openRefusalLog } from "./refusal-log.ts";

test("[DOS-26] a flood of refused connects is a few lines and a count", () => {
  const clock = handClock();
  const lines: string[] = [];
  const log = { ...nullLog(), warn: (message: string) => void lines.push(message) };
  const refusals = openRefusalLog(log, clock);
  for (let at = 0; at < 10_000; at++) refusals.note(`203.0.113.${at % 100} AUTH`, "connect refused", { at });
  assert.equal(lines.length, 200);
  refusals.note("another", "connect refused", {});
  assert.equal(lines.length, 200);
  clock.advance(60_000);
  refusals.note("another", "connect refused", {});
  assert.deepEqual(lines.slice(200), [
    "9801 more refusals within a minute, not written one by one",
    "connect refused",
  ]);
});

test("each source gets its five lines", () => {
  const lines: string[] = [];
  const refusals = openRefusalLog({ ...nullLog(), warn: (message) => void lines.push(message) }, handClock());
  for (let at = 0; at < 100; at++) refusals.note("noisy", "n", {});
  refusals.note("other", "o", {});
  assert.deepEqual(lines, ["n", "n", "n", "n", "n", "o"]);
});

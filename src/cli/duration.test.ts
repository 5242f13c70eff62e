import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAge, formatDuration, formatUptime, parseDuration } from "./duration.ts";

test("durations are read with and without a unit", () => {
  const cases: [string, "ms" | "s", number | undefined][] = [
    ["500ms", "s", 500],
    ["2s", "ms", 2_000],
    ["1.5m", "ms", 90_000],
    ["1h", "ms", 3_600_000],
    ["10000", "ms", 10_000],
    ["600", "s", 600_000],
    ["0", "s", undefined],
    ["-1s", "s", undefined],
    ["2 days", "s", undefined],
    ["999999h", "s", undefined],
    ["", "s", undefined],
  ];
  for (const [text, unit, want] of cases) assert.equal(parseDuration(text, unit), want, text);
});

test("uptime shows the two or three largest units", () => {
  assert.equal(formatUptime(999), "0s");
  assert.equal(formatUptime(65_000), "1m 5s");
  assert.equal(formatUptime(2 * 3_600_000 + 5 * 60_000), "2h 5m");
  assert.equal(formatUptime(((3 * 24 + 14) * 60 + 22) * 60_000), "3d 14h 22m");
});

test("an age is short", () => {
  assert.equal(formatAge(3_000), "just now");
  assert.equal(formatAge(125_000), "2m ago");
});

test("a duration is shown as it would be typed", () => {
  assert.equal(formatDuration(2_000), "2s");
  assert.equal(formatDuration(1_500), "1500ms");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type LogFilterInput, logFilter } from "./log-filter.ts";
import { UsageError } from "./usage.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const line = (fields: object) =>
  JSON.stringify({
    time: "2026-11-20T11:30:00Z",
    level: "info",
    subsystem: "gateway",
    message: "ready",
    ...fields,
  });
const none = { level: undefined, since: undefined, until: undefined, grep: undefined, subsystem: undefined };

const CASES: readonly (readonly [
  name: string,
  filter: Partial<LogFilterInput>,
  line: string,
  want: boolean,
])[] = [
  ["no filter shows all", {}, "not JSON", true],
  ["a level shows itself", { level: "warn" }, line({ level: "warn" }), true],
  ["a level shows what is worse", { level: "warn" }, line({ level: "error" }), true],
  ["a level hides what is less", { level: "warn" }, line({}), false],
  ["a line that is not ours is not hidden by its level", { level: "error" }, "panic", true],
  ["since a while", { since: "1h" }, line({}), true],
  ["before that", { since: "10m" }, line({}), false],
  ["until a time", { until: "2026-11-20T11:29:59Z" }, line({}), false],
  ["until later", { until: "2026-11-20T11:31:00Z" }, line({}), true],
  ["a word, whatever its case", { grep: "READY" }, line({}), true],
  ["a word that is not there", { grep: "ready.*steady" }, line({}), false],
  ["a part", { subsystem: "ws" }, line({ subsystem: "ws" }), true],
  ["another part", { subsystem: "ws" }, line({}), false],
];
for (const [name, filter, text, want] of CASES)
  test(name, () => assert.equal(logFilter({ ...none, ...filter }, NOW).shows(text), want));

test("what is not understood is a wrong usage", () => {
  for (const wrong of [{ since: "yesterday" }, { until: "10" }, { grep: "(" }])
    assert.throws(() => logFilter({ ...none, ...wrong }, NOW), UsageError);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { paint } from "./io.ts";
import { logEntry } from "./log-entry.ts";

const plain = (line: string) => logEntry(line, paint(false));
const entry = (fields: object) =>
  JSON.stringify({ time: "2026-11-20T18:15:17.000Z", level: "info", ...fields });

test("a line of the file becomes time, level, subsystem, message and fields", () => {
  const line = plain(
    entry({ subsystem: "turn", message: "turn dropped", reason: "mention required", ms: 3, _meta: {} }),
  );
  assert.match(
    line,
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d info {2}\[turn\] turn dropped reason="mention required" ms=3$/,
  );
});

test("an error field shows its message, a long one is cut", () => {
  assert.match(
    plain(entry({ message: "m", error: { message: "no route", stack: "…" } })),
    /error="no route"$/,
  );
  assert.match(plain(entry({ message: "m", blob: "x".repeat(5_000) })), /^.{1,300}…$/);
});

test("[CONF-10] what a line contains cannot steer the terminal or forge another line", () => {
  const shown = plain(entry({ message: "a\u001b[2J\r\nb\u202e", who: "\u001b]0;x\u0007" }));
  assert.doesNotMatch(shown, /[\u0000-\u001f\u202e]/);
  assert.doesNotMatch(plain("\u001b[31m not JSON"), /\u001b/);
});

test("a line that is no record is shown as it is", () => {
  for (const line of ["plain text", "42", "[1]", '{"broken":']) assert.equal(plain(line), line);
});

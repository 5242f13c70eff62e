import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableJson } from "./printable.ts";

const CASES = [
  ["plain text, ünïcödé 🦞 中文", "plain text, ünïcödé 🦞 中文"],
  ["a\nb\r\nc\td", "a\\nb\\r\\nc\\td"],
  ["\u001b[31mred\u001b[0m", "\\u001b[31mred\\u001b[0m"],
  ["\u009b2J\u0085", "\\u009b2J\\u0085"],
  ["\u0000\u0007\u0008\u007f", "\\u0000\\u0007\\u0008\\u007f"],
  ["a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  ["\u202egpj.exe\u2066", "\\u202egpj.exe\\u2066"],
] as const;
for (const [text, wanted] of CASES) {
  test(`[CONF-10] ${JSON.stringify(wanted)} is one line that steers nothing`, () => {
    assert.equal(printable(text), wanted);
  });
}

test("[CONF-10] a line of JSON means the same after escaping and has no raw control left", () => {
  const value = { text: CASES.map(([text]) => text).join(" ") };
  const line = printableJson(`${JSON.stringify(value)}\n`);
  assert.deepEqual(JSON.parse(line), value);
  assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
});

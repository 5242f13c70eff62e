import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isModestJson } from "./json-shape.ts";

const CASES: readonly [name: string, text: string, modest: boolean][] = [
  ["64 levels", "[".repeat(64) + "]".repeat(64), true],
  ["65 levels", "[".repeat(65) + "]".repeat(65), false],
  ["brackets in a text", JSON.stringify("[".repeat(1_000)), true],
  ["brackets after an escaped quote", JSON.stringify(`"${"[".repeat(1_000)}`), true],
  ["brackets after an escaped backslash", `["\\\\",${"[".repeat(70)}`, false],
  ["a text without end", `"${"[".repeat(1_000)}`, true],
  ["many values", `[${"1,".repeat(300_000)}1]`, false],
  ["some values", `[${"1,".repeat(100_000)}1]`, true],
  ["many keys", `{${'"k":1,'.repeat(300_000)}"k":1}`, false],
];
for (const [name, text, modest] of CASES) {
  test(`[DOS-07] ${name}: ${modest ? "parsed" : "refused before it is parsed"}`, () => {
    assert.equal(isModestJson(text), modest);
  });
}

test("whatever JSON there is of modest depth passes", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => isModestJson(JSON.stringify(value))));
});

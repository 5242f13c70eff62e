import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { setInText, unsetInText } from "./edit.ts";
import { parseTree, readTree } from "./json5.ts";
import { patchEdits } from "./merge-patch.ts";

/** As RFC 7396 writes it down, section 2. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === "object" && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isObject ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

const key = fc.constantFrom("a", "b", "c-d");
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, 1, "x", true),
    fc.dictionary(key, tie("value"), { noNullPrototype: true }),
    fc.array(tie("value"), { maxLength: 2 }),
  ),
}));
const anyObject = fc.dictionary(key, anyValue, { noNullPrototype: true });

test("the edits of a patch give what RFC 7396 says, and the comments outside of it stay", () => {
  fc.assert(
    fc.property(anyObject, anyObject, (current, patch) => {
      let text = `// head\n${JSON.stringify(current, null, 2)}\n// tail\n`;
      for (const { path, value } of patchEdits(current, patch)) {
        text = value === undefined ? unsetInText(text, path) : setInText(text, path, value);
      }
      assert.deepEqual(readTree(parseTree(text)).value, merged(current, patch));
      assert.match(text, /^\/\/ head\n[\s\S]*\n\/\/ tail\n$/);
    }),
  );
});

test("what is like that already is no edit", () => {
  assert.deepEqual(patchEdits({ a: { b: [1] }, c: 1 }, { a: { b: [1], x: null }, c: 1 }), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseJson5Value } from "./json5-value.ts";
import { mendSyntax } from "./mend.ts";

const CASES = [
  { name: "a missing comma", text: "{ a: 1\n b: 2 }", want: "{ a: 1,\n b: 2 }" },
  {
    name: "a missing comma in front of a comment",
    text: "{\n a: 1 // one\n b: 2 }",
    want: "{\n a: 1, // one\n b: 2 }",
  },
  { name: "a comma too much", text: "{ a: 1,, b: 2 }", want: "{ a: 1, b: 2 }" },
  { name: "brackets left open", text: "{ a: { b: [1, 2", want: "{ a: { b: [1, 2\n]}}\n" },
  { name: "several slips", text: "{ a: 1 b: 2,, c: [3 4", want: "{ a: 1, b: 2, c: [3, 4\n]}\n" },
] as const;

for (const { name, text, want } of CASES) {
  test(`mended: ${name}`, () => {
    const mended = mendSyntax(text);
    assert.equal(mended?.text, want);
    assert.ok(mended.steps.length > 0);
  });
}

for (const text of [
  "",
  "{ a: 1 }",
  "{ a: local }",
  '{ a: "x',
  "{ a: 1 } }",
  "no config",
  "{ a: 1 } { b: 2 }",
]) {
  test(`left alone: ${JSON.stringify(text)}`, () => assert.equal(mendSyntax(text), undefined));
}

test("a comma taken out of any document is put back, and the document says the same", async () => {
  const document = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), {
    minKeys: 2,
    maxKeys: 6,
  });
  await fc.assert(
    fc.asyncProperty(document, fc.nat(), async (value, pick) => {
      const text = JSON.stringify(value, null, 2);
      const commas = [...text.matchAll(/,$/gm)].map(({ index }) => index);
      if (commas.length === 0) return;
      const at = commas[pick % commas.length]!;
      const mended = mendSyntax(text.slice(0, at) + text.slice(at + 1));
      // A comma at the end of a line inside of a string is none.
      if (!mended) return assert.ok(text.slice(0, at).split("\n").at(-1)!.includes('"'));
      assert.deepEqual(await parseJson5Value(mended.text), await parseJson5Value(text));
    }),
    { numRuns: 300 },
  );
});

test("any prefix of any text is mended to something that can be read, or left alone", () => {
  const text = '{ // c\n gateway: { mode: "local", list: [1, { a: \'x\' }, null], /* d */ }, "k y": -0.5e3 }';
  for (let end = 0; end < text.length; end++) {
    const mended = mendSyntax(text.slice(0, end));
    if (mended) assert.equal(mendSyntax(mended.text), undefined);
  }
});

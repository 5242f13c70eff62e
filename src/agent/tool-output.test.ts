import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { capMiddle } from "./tool-output.ts";

test("what fits stays as it is", () => {
  assert.equal(capMiddle("é".repeat(50), 100), "é".repeat(50));
});

test("what does not fit keeps both ends, within the limit and without a split character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 200, maxLength: 400 }), (text) => {
      const cut = capMiddle(text, 200);
      assert.ok(Buffer.byteLength(cut) <= 200 || cut === text);
      assert.ok(!cut.includes("\uFFFD") || text.includes("\uFFFD"));
      const [head = "", tail = ""] = cut.split(/\n\[… \d+ bytes left out …\]\n/);
      assert.ok(text.startsWith(head) && text.endsWith(tail));
    }),
    { numRuns: 100 },
  );
});

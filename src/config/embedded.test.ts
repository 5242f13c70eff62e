import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findEmbedded } from "./embedded.ts";

const CONFIG = '{\n  // mine {\n  gateway: { mode: "local", x: "}" },\n}';

const CASES = [
  { name: "a sentence in front", text: `Here it is: ${CONFIG}`, before: "Here it is: ", after: "" },
  {
    name: "a code block",
    text: `Sure\n\`\`\`json\n${CONFIG}\n\`\`\`\n`,
    before: "Sure\n```json\n",
    after: "\n```\n",
  },
  {
    name: "brackets in the sentence",
    text: `use {x} and {y: 1}: ${CONFIG}`,
    before: "use {x} and {y: 1}: ",
    after: "",
  },
  { name: "something behind it", text: `${CONFIG}\n$ `, before: undefined, after: undefined },
  { name: "a word behind it", text: `${CONFIG}\nend`, before: "", after: "\nend" },
] as const;

for (const { name, text, before, after } of CASES) {
  test(`found inside: ${name}`, async () => {
    const found = await findEmbedded(text);
    if (before === undefined) return assert.equal(found?.after.trim(), "$");
    assert.deepEqual([found?.before, found?.text, found?.after], [before, `${CONFIG}\n`, after]);
  });
}

for (const text of [CONFIG, `\n${CONFIG}\n\n`, "no config", "{ unknown: 1 }", "x { unknown: 1 } y", ""]) {
  test(`nothing to take out of ${JSON.stringify(text.slice(0, 20))}`, async () => {
    assert.equal(await findEmbedded(text), undefined);
  });
}

test("no text makes it throw or hang", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({
        unit: fc.constantFrom("{", "}", "[", '"', "'", "\\", "/", "*", "\n", "a", ":"),
        maxLength: 200,
      }),
      async (text) => {
        await findEmbedded(text);
      },
    ),
    { numRuns: 500 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutLine } from "./cut.ts";
import { formatMarkdown, MAX_TEXT_BYTES } from "./format.ts";

const B = "\u0002";
const I = "\u001d";
const M = "\u0011";
const S = "\u001e";

const CASES: readonly [string, string, readonly string[]][] = [
  [
    "bold and italics",
    "**Now** and *then*, __or__ _so_",
    [`${B}Now${B} and ${I}then${I}, ${B}or${B} ${I}so${I}`],
  ],
  ["both at once", "***all***", [`${B}${I}all${I}${B}`]],
  ["struck out", "~~no~~ yes", [`${S}no${S} yes`]],
  ["code keeps its stars", "run `rm *_*` **now**", [`run ${M}rm *_*${M} ${B}now${B}`]],
  ["bold around code", "**see `x`**", [`${B}see ${M}x${M}${B}`]],
  ["names with underscores stay", "snake_case_name and 2*3*4", ["snake_case_name and 2*3*4"]],
  [
    "a link is text with its address",
    "[docs](https://a.example/x_y_z) <https://b.example>",
    ["docs <https://a.example/x_y_z> https://b.example"],
  ],
  ["an address with parentheses", "[w](https://a.example/x_(y))", ["w <https://a.example/x_(y)>"]],
  [
    "an image is its description",
    "![a cat](https://a.example/cat.png)",
    ["a cat <https://a.example/cat.png>"],
  ],
  ["a bare address is left alone", "https://a.example/a_b_c*d*", ["https://a.example/a_b_c*d*"]],
  ["escapes", "\\*not\\* \\_this\\_", ["*not* _this_"]],
  [
    "headings, lists, quotes",
    "# Title\n\n- one\n* **two**\n1. three\n> said\n- [x] done",
    [`${B}Title${B}`, "- one", `- ${B}two${B}`, "1. three", "> said", "- [x] done"],
  ],
  [
    "a fence, line by line, and nothing in it is markup",
    "so:\n```js\nif (a) {\n\n  b **= 2;\n}\n```\ndone",
    ["so:", `${M}if (a) {`, `${M}  b **= 2;`, `${M}}`, "done"],
  ],
  ["a fence nobody closed", "```\na\n", [`${M}a`]],
  ["a fence in a longer fence", "````\n```\nx\n```\n````\ny", [`${M}\`\`\``, `${M}x`, `${M}\`\`\``, "y"]],
  ["code in three backticks within a line", "```x = 1``` it is", [`${M}x = 1${M} it is`]],
  ["nothing", " \n\n", []],
];
for (const [name, markdown, want] of CASES) {
  test(`formats ${name}`, () =>
    assert.deepEqual(
      formatMarkdown(markdown).map(({ text }) => text),
      want,
    ));
}

test("without markup it is the same words", () => {
  assert.deepEqual(
    formatMarkdown("**a** `b`\n```\n c\n```").map(({ plain }) => plain),
    ["a b", " c"],
  );
});

test("control characters of a model are no formatting and no command", () => {
  const [part, ...rest] = formatMarkdown("hi\u0001\u0003\u0000there\r\nQUIT");
  assert.equal(part?.text, "hithere");
  assert.deepEqual(
    rest.map(({ text }) => text),
    ["QUIT"],
  );
});

test("every part fits, and together they have all the words", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "\u00e4", "\u4e16", "\u{1f600}", "e\u0301", "*", "_", "`"),
    maxLength: 90,
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      const markdown = ["so", ...words].join(" ");
      const parts = formatMarkdown(markdown);
      for (const { text } of parts) assert.ok(Buffer.byteLength(text) <= MAX_TEXT_BYTES, text);
      const letters = (text: string) => text.replace(/[\s*_`\\-]/g, "");
      assert.equal(letters(parts.map(({ plain }) => plain).join("")), letters(markdown));
    }),
  );
});

test("a cut is made at a space, inside of no character, and bold goes on behind it", () => {
  assert.deepEqual(cutLine("one two three", 9), ["one two", "three"]);
  assert.deepEqual(cutLine(`${B}one two three${B} x`, 10), [`${B}one two`, `${B}three${B} x`]);
  assert.deepEqual(cutLine("\u{1f469}\u200d\u{1f680}".repeat(3), 25), [
    "\u{1f469}\u200d\u{1f680}".repeat(2),
    "\u{1f469}\u200d\u{1f680}",
  ]);
  assert.deepEqual(cutLine(`e${"\u0301".repeat(20)}`, 11).join(""), `e${"\u0301".repeat(20)}`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { visibleText } from "../../../test/kit/telegram/html.ts";
import { formatMarkdown, MAX_TEXT } from "./format.ts";

const CASES: Record<string, readonly [markdown: string, html: string, plain?: string]> = {
  "bold, italic, struck and code": [
    "**b** *i* ~~s~~ `c`",
    "<b>b</b> <i>i</i> <s>s</s> <code>c</code>",
    "b i s c",
  ],
  "what looks like markup stays text": ["1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2", "1 < 2 & 3 > 2"],
  "a script is text": ["<script>x</script>", "&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"],
  "a heading is bold": ["# Title\ntext", "<b>Title</b>\n\ntext", "Title\n\ntext"],
  "a list, nested": ["- a\n- b\n  - c", "• a\n• b\n  • c", "• a\n• b\n  • c"],
  "a numbered list": ["3. a\n4. b", "3. a\n4. b", "3. a\n4. b"],
  "a fence with its language": [
    "```ts\nif (a < b) {}\n```",
    '<pre><code class="language-ts">if (a &lt; b) {}</code></pre>',
    "if (a < b) {}",
  ],
  "a fence without one": ["```\nx\n```", "<pre>x</pre>", "x"],
  "a link": [
    "[docs](https://example.org/a?b=1&c=2)",
    '<a href="https://example.org/a?b=1&amp;c=2">docs</a>',
    "docs (https://example.org/a?b=1&c=2)",
  ],
  "an address is its own label": [
    "see https://example.org/x.",
    'see <a href="https://example.org/x">https://example.org/x</a>.',
    "see https://example.org/x.",
  ],
  "a link that runs code stays text": ["[x](javascript:alert(1))", "[x](javascript:alert(1))"],
  "a quote": ["> said\n> so", "<blockquote>said\nso</blockquote>", "said\nso"],
  "code in bold": ["**a `b` c**", "<b>a </b><code>b</code><b> c</b>", "a b c"],
  "a narrow table": ["| a | b |\n|---|---|\n| 1 | 22 |", "<pre>a | b\n--+---\n1 | 22</pre>"],
  "a rule": ["a\n\n---\n\nb", "a\n\n———\n\nb"],
};
for (const [name, [markdown, html, plain]] of Object.entries(CASES)) {
  test(`${name}`, () => {
    const parts = formatMarkdown(markdown);
    assert.equal(parts.length, 1);
    assert.equal(parts[0]!.text, html);
    if (plain !== undefined) assert.equal(parts[0]!.plain, plain);
  });
}

test("a wide table becomes lines that say the same", () => {
  const cell = "a rather long cell of a table";
  const [part] = formatMarkdown(`| name | what | why |\n|---|---|---|\n| ${cell} | ${cell} | ${cell} |`);
  assert.equal(part!.plain, `• ${cell}; what: ${cell}; why: ${cell}`);
});

test("nothing to say makes no message", () => {
  assert.deepEqual(formatMarkdown(""), []);
  assert.deepEqual(formatMarkdown(" \n\n "), []);
});

test("a code block longer than a message is closed and opened again", () => {
  const lines = Array.from({ length: 400 }, (_, at) => `    line ${at} of the program`);
  const parts = formatMarkdown(`before\n\n\`\`\`py\n${lines.join("\n")}\n\`\`\`\n\nafter`);
  assert.ok(parts.length > 1);
  for (const { text } of parts) {
    assert.ok(visibleText(text).length <= MAX_TEXT);
    assert.equal(text.split("<pre>").length, text.split("</pre>").length);
  }
  const shown = parts.map(({ text }) => visibleText(text)).join("\n");
  assert.deepEqual(
    shown.split("\n").filter((line) => line.includes("line ")),
    lines,
  );
});

test("a part ends between paragraphs where it can", () => {
  const paragraph = "word ".repeat(300).trim();
  const parts = formatMarkdown([paragraph, paragraph, paragraph].join("\n\n"));
  assert.deepEqual(
    parts.map(({ plain }) => plain),
    [`${paragraph}\n\n${paragraph}`, paragraph],
  );
});

test("whatever a model writes, Telegram can read every part, and no letter comes that was not there", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "**",
      "*",
      "_",
      "`",
      "```\n",
      "```js\n",
      "~~",
      "[a](https://x.org)",
      "> ",
      "- ",
      "# ",
      "\n",
      "\n\n",
      "| a | b |\n|---|---|\n",
      "<b>",
      "&amp;",
      "😀",
      " ",
    ),
    fc.string({ maxLength: 40 }),
    fc.string({ minLength: 1, maxLength: 5, unit: "grapheme" }).map((text) => text.repeat(700)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const markdown = pieces.join("");
      const letters = (text: string) => text.replace(/[^\p{L}]/gu, "");
      const parts = formatMarkdown(markdown);
      let shown = "";
      for (const { text, plain } of parts) {
        const visible = visibleText(text);
        assert.ok(visible.length <= MAX_TEXT, `${visible.length}`);
        assert.ok(plain.length <= MAX_TEXT);
        assert.ok(text.isWellFormed() || !markdown.isWellFormed());
        shown += visible;
      }
      // Markers and languages of fences go. Wide tables repeat their titles.
      if (markdown.includes("|")) return;
      const source = letters(markdown);
      let at = 0;
      for (const letter of letters(shown)) {
        at = source.indexOf(letter, at) + 1;
        assert.ok(at > 0, `"${letter}" is new`);
      }
    }),
    { numRuns: 150 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { diffConfigTexts } from "./config-diff.ts";
import { unifiedDiff } from "./text-diff.ts";

test("hunks with three lines around each change, joined where they meet", () => {
  const before = Array.from({ length: 20 }, (_, i) => `${i}`);
  const after = before.with(2, "two").with(8, "eight").toSpliced(18, 1);
  assert.deepEqual(unifiedDiff(before.join("\n"), after.join("\n")), [
    "@@ -1,12 +1,12 @@",
    ...[" 0", " 1", "-2", "+two", " 3", " 4", " 5", " 6", " 7", "-8", "+eight", " 9", " 10", " 11"],
    "@@ -16,5 +16,4 @@",
    ...[" 15", " 16", " 17", "-18", " 19"],
  ]);
  assert.deepEqual(unifiedDiff("a\n", "a\n"), []);
  assert.deepEqual(unifiedDiff("", "a\n"), ["@@ -0,0 +1 @@", "+a"]);
});

/** What `patch` does. */
function apply(before: string[], hunks: readonly string[]): string[] {
  const out: string[] = [];
  let at = 0;
  for (const line of hunks) {
    const [, start, count] = /^@@ -(\d+)(?:,(\d+))? \+/.exec(line) ?? [];
    if (start !== undefined) {
      const from = count === "0" ? Number(start) : Number(start) - 1;
      out.push(...before.slice(at, from));
      at = from;
    } else if (line.startsWith("+")) out.push(line.slice(1));
    else {
      assert.equal(before[at++], line.slice(1));
      if (line.startsWith(" ")) out.push(line.slice(1));
    }
  }
  return [...out, ...before.slice(at)];
}

test("applied to the old lines the hunks give the new ones", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const [old, young] = [before, after].map((list) => list.map((line) => `${line}\n`).join(""));
      assert.deepEqual(apply(before, unifiedDiff(old!, young!)), after);
    }),
  );
});

const SECRET = "SEC-3f9a1c77d2";
const TEXTS: [name: string, text: string][] = [
  ["a token", `{"gateway": {"auth": {"token": "${SECRET}"}}}`],
  ["a token in a comment", `{} // token: "${SECRET}"`],
  ["the same token elsewhere", `{"gateway": {"auth": {"token": "${SECRET}"}}, "ui": ["${SECRET}"]}`],
  ["broken text", `{ gateway: { auth: { token: '${SECRET}'`],
  ["broken text without the end of a string", `{ "apiKey": "${SECRET}`],
  ["a header", `{"models": {"providers": {"x": {"headers": {"Authorization": "Bearer ${SECRET}"}}}}}`],
  ["a header in a comment", `{} // Authorization: Bearer ${SECRET}`],
  ["an address", `{"ui": "wss://me:${SECRET}@host/"}`],
  ["a secret with a quote", `{"gateway": {"auth": {"password": "\\"${SECRET}"}}}`],
];
for (const [name, text] of TEXTS) {
  test(`a difference shows no secret: ${name}`, async () => {
    for (const [before, after] of [
      [text, "{}\n"],
      ["{}\n", text],
    ] as const) {
      const lines = (await diffConfigTexts(before, after)).join("\n");
      assert.ok(!lines.includes(SECRET), lines);
      assert.match(lines, /\*\*\*|__OPENCLAW_REDACTED__/);
    }
  });
}

test("a change of only a secret is a difference", async () => {
  const text = (token: string) => `{\n  "token": "${token}"\n}\n`;
  assert.deepEqual((await diffConfigTexts(text("secret-one"), text("secret-two"))).slice(1), [
    " {",
    '-  "token": "***"',
    '+  "token": "***"',
    " }",
  ]);
});

test("[CONF-10] a difference cannot steer a terminal; tabs stay", async () => {
  const lines = await diffConfigTexts("{}\n", "{\n\t// \u001b[2J\n}\n");
  assert.ok(lines.includes("+\t// \\u001b[2J"), lines.join("\n"));
});

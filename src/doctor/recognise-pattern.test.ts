import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "./catalogue.ts";
import { recognise } from "./recognise.ts";
import { compilePattern, isPattern, partsOfPattern, readable } from "./recognise-pattern.ts";

const PATTERNS = catalogue().flatMap(({ id, known }) =>
  known.filter(isPattern).map((known) => ({ id, known })),
);

const READABLE = [
  ["gateway.mode is unset", "gateway.mode is unset"],
  [String.raw`/no API key for \S{1,120}/`, "no API key for …"],
  [String.raw`/\[gateway\] listening on :\d{1,5}/`, "[gateway] listening on :…"],
  [String.raw`/stale gateway\.pid ignored(?: \(pid \d{1,9} is gone\))?/`, "stale gateway.pid ignored"],
  ['/unknown bind "[^"]{0,80}"/', 'unknown bind "…"'],
  [String.raw`/no such host \((?:ENOTFOUND|EAI_AGAIN)\)/`, "no such host (ENOTFOUND|EAI_AGAIN)"],
] as const;
for (const [known, shown] of READABLE) {
  test(`${known} is shown as ${shown}`, () => assert.equal(readable(known), shown));
}

const NEEDLES = [
  [String.raw`/unknown API key for \S{1,120}/`, "unknown"],
  [String.raw`/\[gateway\] listening on :\d{1,5}/`, "listening"],
  ["/multiple reachable gateways?(?: identities)?/", "reachable"],
  ["/(?:less than|at least) 256 ?MB/", "mb"],
  ["/one thing|another/", ""],
] as const;
for (const [known, needle] of NEEDLES) {
  test(`${known} is tried only where "${needle}" is`, () =>
    assert.equal(partsOfPattern(known).needle, needle));
}

test("a pattern finds its text over line ends, whatever the case", () => {
  const pattern = compilePattern(String.raw`/gateway did not become ready within \d{1,6} ?s/`);
  assert.match("GATEWAY did not become\n  ready within 60 s", pattern);
});

test("no pattern can run away: it begins with something fixed, and every repetition is counted", () => {
  for (const { id, known } of PATTERNS) {
    const source = known.slice(1, -1);
    const uncounted = source
      .replace(/\\s[+*]/g, "")
      .replace(/\\./g, "x")
      .replace(/\[[^\]]*\]/g, "x");
    assert.doesNotMatch(uncounted, /[+*]|\{\d+,\}/, `${id}: ${known}`);
    assert.doesNotMatch(source, /^(?:\\[SwdDW]|\.|\[[^\]]*\]|\s)[{?]/, `${id}: ${known}`);
    assert.doesNotMatch(source, /^\s|\s$/, `${id}: ${known}`);
  }
});

const MAX_CHARS = 65_536;
const filledWith = (part: string) => part.repeat(Math.ceil(MAX_CHARS / part.length)).slice(0, MAX_CHARS);

test("every pattern comes to an end on texts made to keep it busy", () => {
  const common = ["a", "9", '"', "'", "a ", "a.", "[a] ", "/a", "x:1", "a\n", "(", "- "].map(filledWith);
  for (const { known } of PATTERNS) {
    const pattern = compilePattern(known);
    const { words, needle } = partsOfPattern(known);
    const own = [words, words.slice(0, words.length / 2), `${needle} `, words.replace(/\s/g, "")].map(
      (text) => filledWith(text || "a"),
    );
    for (const text of [...common, ...own]) pattern.test(text);
  }
});

test("so does the recogniser as a whole", () => {
  const parts = [
    "a",
    " ",
    "\n",
    "a\n",
    '{"message":"x"} ',
    "{",
    "容器",
    "🦞",
    "\u001b[31m",
    "ws://a",
    "a.b.c.d:1",
  ];
  for (const part of parts) assert.ok(recognise(filledWith(part)).length <= 5);
  assert.ok(recognise(`${filledWith("x ")}${filledWith("y ")}`.repeat(10)).length <= 5);
});

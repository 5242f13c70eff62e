import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InvalidConfig } from "./invalid.ts";
import { parseTree, readTree } from "./json5.ts";
import { parseConfigText } from "./parse.ts";

const FILE = "/state/openclaw.json";
const parse = (text: string) => parseConfigText(text, FILE);

const READABLE: [string, string, unknown][] = [
  ["plain JSON", '{"a": [1, "b", null, true]}', { a: [1, "b", null, true] }],
  ["a byte order mark", '\ufeff{"a": 1}', { a: 1 }],
  ["a byte order mark before JSON5", "\ufeff{a: 1}", { a: 1 }],
  ["comments and trailing commas", "{ // one\n a: [1, /* two */ 2,],\n}", { a: [1, 2] }],
  ["single quotes and bare keys", "{ 'a': 'it\\'s', $b: .5, c: 0x10 }", { a: "it's", $b: 0.5, c: 16 }],
  ["Windows line ends", '{\r\n  "a": 1\r\n}\r\n', { a: 1 }],
];
for (const [name, text, value] of READABLE) {
  test(`reads ${name}`, async () => assert.deepEqual(await parse(text), { value, notices: [] }));
}

const BROKEN: [string, string, RegExp][] = [
  [
    "an object that does not end",
    '{"gateway":{',
    /json:1:13 — SyntaxError in config: unexpected end of the file, "}}" is missing/,
  ],
  ["the same over several lines", '{\n  "gateway": {\n    "port": 1\n', /json:3:14 — .*"}}" is missing/],
  ["an empty file", "", /json:1:1 — .*the file is empty/],
  ["only a comment", "// nothing", /unexpected end of the file/],
  ["two commas", "{a: 1,, b: 2}", /json:1:7 — .*unexpected ","/],
  [
    "a missing comma",
    '{"a": 1\n "b": 2}',
    /json:2:2 — .*unexpected "\\"b\\""; is a comma missing before it\?/,
  ],
  ["text after the end", '{"a": 1} x', /json:1:10 — .*unexpected value after the end of the config/],
  ["text before the start", 'oops {"a": 1}', /json:1:1 — .*unexpected "oops"/],
  ["another language", "gateway:\n  port: 1", /json:1:1 — .*unexpected "gateway"/],
  ["a string that does not end", '{"a": "x', /json:1:9 — .*unexpected end of the file/],
  ["a string that ends in a backslash", '{"a": "\\', /json:1:9 — .*unexpected end of the file/],
  ["binary garbage", "\u0000\u0007\ufffd", /json:1:1 — .*unexpected character/],
  ["a number that is none", "{a: Infinity}", /json:1:5 — .*a is Infinity/],
  ["a number out of range", "{a: 1e999}", /json:1:5 — .*the number at a is too large/],
  ["deep nesting in JSON", `${'{"a":'.repeat(300)}1${"}".repeat(300)}`, /nested deeper than 100 levels/],
  ["very deep nesting", "[".repeat(100_000), /nested deeper than 100 levels/],
];
for (const [name, text, message] of BROKEN) {
  test(`[config-syntaxerror] [config-invalid-at] ${name} is refused with line, column and the command`, async () => {
    await assert.rejects(parse(text), (error) => {
      assert.ok(error instanceof InvalidConfig);
      assert.match(
        error.message,
        /^Invalid config at \/state\/openclaw\.json:\d+:\d+ — SyntaxError in config: /,
      );
      assert.match(error.message, message);
      assert.equal(error.exitCode, 78);
      assert.equal(error.fix, "openclaw config validate");
      assert.deepEqual(Object.keys(error.issues[0]!), ["path", "message", "line", "column"]);
      return true;
    });
  });
}

for (const text of ['{"token" "S3CRET"}', "{token: 1 S3CRET}", '{"a": "x" "S3CRET"}', '{"a": 1} "S3CRET"']) {
  test(`[CONF-09] a value in the way is not repeated: ${text}`, async () => {
    await assert.rejects(parse(text), (error) => {
      assert.ok(error instanceof InvalidConfig);
      assert.match(error.message, /unexpected value/);
      assert.doesNotMatch(JSON.stringify([error.message, error.issues, error.lines]), /S3CRET/);
      return true;
    });
  });
}

const REPEATED: [string, string, string][] = [
  ["JSON", '{"a": 1, "b": {"c": 1, "c": 2}}', "b.c"],
  ["JSON5", "{a: 1, b: [{c: 1, 'c': 2}]}", "b[0].c"],
];
for (const [kind, text, path] of REPEATED) {
  test(`of a key that is there twice the last one counts, with a notice (${kind})`, async () => {
    const { value, notices } = await parse(text);
    assert.match(JSON.stringify(value), /"c":2/);
    assert.deepEqual(notices, [`${FILE} has ${path} more than once; the last one counts`]);
  });
}

for (const text of [
  '{"__proto__": {"polluted": 1}}',
  "{'__proto__': {polluted: 1}}",
  '{"a": [{"constructor": {"prototype": {"polluted": 1}}}]}',
  "{a: {prototype: {polluted: 1}}}",
]) {
  test(`[CONF-01] ${text} is refused with its path and pollutes nothing`, async () => {
    await assert.rejects(parse(text), (error) => {
      assert.ok(error instanceof InvalidConfig);
      assert.match(error.issues[0]!.message, /^Reserved key: "(__proto__|constructor|prototype)"/);
      assert.match(error.issues[0]!.path, /(__proto__|constructor|prototype)$/);
      assert.equal(error.issues[0]!.line, 1);
      return true;
    });
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
}

test("the JSON5 parser reads all JSON as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      fc.pre(!/__proto__/.test(text));
      assert.deepEqual(readTree(parseTree(text)).value, JSON.parse(text));
    }),
  );
});

test("any text is either read or refused as a config, never anything else", async () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc
      .array(
        fc.constantFrom("{", "}", "[", "]", ":", ",", '"', "'", "a", "1", "//", "/*", "*/", "\n", "\\", "-"),
        { maxLength: 20 },
      )
      .map((parts) => parts.join("")),
  );
  await fc.assert(
    fc.asyncProperty(text, async (input) => {
      const outcome = await parse(input).then(
        () => "read",
        (error) =>
          error instanceof InvalidConfig && error.issues[0]?.line !== undefined ? "refused" : error,
      );
      assert.ok(outcome === "read" || outcome === "refused", String(outcome));
    }),
    { numRuns: 500 },
  );
});

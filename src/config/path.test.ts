import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../platform/fault.ts";
import { formatPath, getAt, isWithin, parsePath } from "./path.ts";

const READS: [string, (string | number)[]][] = [
  ["gateway.port", ["gateway", "port"]],
  ["agents.list[0].model", ["agents", "list", 0, "model"]],
  ["agents.list[12][3]", ["agents", "list", 12, 3]],
  ['models.providers["my.host"].baseUrl', ["models", "providers", "my.host", "baseUrl"]],
  ["channels['a b'].token", ["channels", "a b", "token"]],
  ['["a\\"b"]', ['a"b']],
  ["models.providers.open-router.models", ["models", "providers", "open-router", "models"]],
];
for (const [text, path] of READS) {
  test(`reads ${text}`, () => assert.deepEqual(parsePath(text), path));
}

for (const text of [
  "",
  ".",
  "a.",
  ".a",
  "a..b",
  "a[",
  "a[x]",
  "a[-1]",
  "a b",
  'a["b]',
  "a[0]b",
  "a".repeat(2_000),
]) {
  test(`refuses ${JSON.stringify(text.slice(0, 20))} as bad usage`, () => {
    assert.throws(
      () => parsePath(text),
      (error) => error instanceof Fault && error.exitCode === 2,
    );
  });
}

for (const text of ["__proto__.x", "a.constructor.prototype.x", 'a["__proto__"]', "channels.prototype"]) {
  test(`[CONF-01] refuses the reserved name in ${text}`, () => {
    assert.throws(() => parsePath(text), /Invalid config path/);
  });
}

test("every path that can be written can be read back", () => {
  const segment = fc.oneof(fc.nat(999), fc.string({ minLength: 1, maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (path) => {
      fc.pre(!path.some((part) => ["__proto__", "constructor", "prototype"].includes(String(part))));
      assert.deepEqual(parsePath(formatPath(path)), path);
    }),
  );
});

test("looks at own properties only", () => {
  assert.equal(getAt({ a: [{ b: 1 }] }, ["a", 0, "b"]), 1);
  assert.equal(getAt({}, ["toString"]), undefined);
  assert.equal(getAt("text", ["length"]), undefined);
  assert.equal(getAt({ a: null }, ["a", "b"]), undefined);
});

test("a path lies within its ancestors and itself", () => {
  assert.ok(isWithin(["a", 0, "b"], ["a", 0]));
  assert.ok(isWithin(["a"], ["a"]));
  assert.ok(!isWithin(["a"], ["a", "b"]));
  assert.ok(!isWithin(["ab"], ["a"]));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createRedaction } from "./redaction.ts";
import { Secret } from "./secret.ts";

test("[CONF-09] secret values are hidden wherever they stand", () => {
  const redaction = createRedaction();
  redaction.addSecret("SEC-token+4711/=");
  redaction.addSecret("SEC-token+4711/=longer");
  assert.equal(redaction.text("a SEC-token+4711/= b SEC-token+4711/=longer c"), "a *** b *** c");
  assert.equal(redaction.text(`?t=${encodeURIComponent("SEC-token+4711/=")}&x`), "?t=***&x");
  const fields = redaction.fields({
    "SEC-token+4711/=": 1,
    url: "https://h/SEC-token+4711/=",
    deep: [{ list: ["SEC-token+4711/="] }],
    error: new Error("bad SEC-token+4711/=", { cause: new Error("SEC-token+4711/=") }),
  });
  assert.doesNotMatch(JSON.stringify(fields), /SEC-token/);
});

test("short values are not taken for secrets", () => {
  const redaction = createRedaction();
  redaction.addSecret("local");
  redaction.addSecret("");
  assert.equal(redaction.text("mode local"), "mode local");
});

test("[CONF-09] a secret across the cut leaves no half behind", () => {
  const redaction = createRedaction();
  redaction.addSecret("SEC-0123456789");
  const text = redaction.text(`${"x".repeat(1_995)}SEC-0123456789${"y".repeat(500)}`);
  assert.doesNotMatch(text, /SEC/);
  assert.match(text, /… \(498 more characters\)$/);
});

const HIDDEN_KEYS = [
  "token",
  "botToken",
  "password",
  "clientSecret",
  "apiKey",
  "api_key",
  "x-api-key",
  "Authorization",
  "Set-Cookie",
];
for (const key of HIDDEN_KEYS) {
  test(`[CONF-09] the value of "${key}" is hidden, at any depth`, () => {
    const redaction = createRedaction();
    assert.deepEqual(redaction.fields({ [key]: "abc", in: { [key]: ["abc"] } }), {
      [key]: "***",
      in: { [key]: "***" },
    });
  });
}

test("what only looks like a secret stays", () => {
  const fields = { tokens: 12, maxTokens: 4, tokenFile: "/x", hasToken: true, password: undefined };
  assert.deepEqual(createRedaction().fields(fields), fields);
});

test("errors keep name, message, code, stack and cause", () => {
  const cause = Object.assign(new TypeError("inner"), { code: "EINNER" });
  const { error } = createRedaction().fields({ error: new Error("outer", { cause }) }) as {
    error: Record<string, unknown>;
  };
  assert.equal(error.name, "Error");
  assert.equal(error.message, "outer");
  assert.match(String(error.stack), /redaction\.test/);
  const inner = error.cause as Record<string, unknown>;
  assert.deepEqual([inner.name, inner.message, inner.code], ["TypeError", "inner", "EINNER"]);
});

test("values that JSON does not know become readable", () => {
  const fields = createRedaction().fields({
    big: 10n,
    date: new Date(0),
    bytes: new Uint8Array(9),
    secret: new Secret("hidden"),
    none: undefined,
    nothing: null,
    fn: () => 1,
    ["__proto__"]: { polluted: true },
  });
  assert.equal(
    JSON.stringify(fields),
    '{"big":"10","date":"1970-01-01T00:00:00.000Z","bytes":"<9 bytes>","secret":"***","nothing":null,"__proto__":{"polluted":true}}',
  );
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test("cycles, depth and breadth have an end", () => {
  const redaction = createRedaction();
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  loop.list = Array.from({ length: 10_000 }, () => loop);
  assert.ok(JSON.stringify(redaction.fields({ loop })).length < 50_000);
  const cyclic = new Error("a");
  cyclic.cause = cyclic;
  assert.ok(JSON.stringify(redaction.fields({ cyclic })).length < 50_000);
  assert.ok(JSON.stringify(redaction.fields({ long: "x".repeat(1_000_000) })).length < 2_100);
});

test("an object that throws when it is read costs its fields, not the line", () => {
  const hostile = {
    get x(): string {
      throw new Error("no");
    },
  };
  assert.deepEqual(createRedaction().fields({ hostile }), { unreadable: "Error: no" });
});

test("the oldest of very many secrets are forgotten, not the newest", () => {
  const redaction = createRedaction();
  for (let n = 0; n < 1_200; n++) redaction.addSecret(`secret-${n}-end`);
  assert.equal(redaction.text("secret-1199-end"), "***");
  assert.equal(redaction.text("secret-0-end"), "secret-0-end");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ConfigPath, getAt } from "./path.ts";
import { findPlaceholder, keepStoredSecrets } from "./placeholders.ts";
import { REDACTED, redactConfig } from "./redact.ts";

const R = REDACTED;
const CASES: { name: string; incoming: unknown; stored: unknown; want: unknown[] | ConfigPath }[] = [
  { name: "a secret", incoming: { token: "***" }, stored: { token: "a" }, want: [[["token"], "a"]] },
  {
    name: "a reference to a secret",
    incoming: { apiKey: R },
    stored: { apiKey: { source: "env", id: "K" } },
    want: [[["apiKey"], { source: "env", id: "K" }]],
  },
  {
    name: "a number under a secret's name",
    incoming: { password: R },
    stored: { password: 1234 },
    want: [[["password"], 1234]],
  },
  {
    name: "credentials in a URL",
    incoming: { url: `wss://${R}@host/x` },
    stored: { url: "wss://u:p@host/x" },
    want: [[["url"], "wss://u:p@host/x"]],
  },
  {
    name: "credentials of another host",
    incoming: { url: `wss://${R}@evil/x` },
    stored: { url: "wss://u:p@host/x" },
    want: ["url"],
  },
  {
    name: "a placeholder that is stored",
    incoming: { token: "***" },
    stored: { token: "***" },
    want: ["token"],
  },
  { name: "a new secret", incoming: { token: "***" }, stored: {}, want: ["token"] },
  {
    name: "a name on every object's prototype",
    incoming: { toString: { token: R } },
    stored: {},
    want: ["toString", "token"],
  },
  {
    name: "accounts that changed places",
    incoming: {
      a: [
        { id: "y", token: R },
        { id: "x", token: R },
      ],
    },
    stored: {
      a: [
        { id: "x", token: "1" },
        { id: "y", token: "2" },
      ],
    },
    want: [
      [["a", 0, "token"], "2"],
      [["a", 1, "token"], "1"],
    ],
  },
  {
    name: "an account that was not there",
    incoming: { a: [{ id: "z", token: R }] },
    stored: { a: [{ id: "x", token: "1" }] },
    want: ["a", 0, "token"],
  },
  {
    name: "the second of two after the first is gone",
    incoming: { a: [{ n: "q", token: R }] },
    stored: {
      a: [
        { n: "p", token: "1" },
        { n: "q", token: "2" },
      ],
    },
    want: [[["a", 0, "token"], "2"]],
  },
  {
    name: "two that look alike, one of them gone",
    incoming: { a: [{ token: R }] },
    stored: { a: [{ token: "1" }, { token: "2" }] },
    want: ["a", 0, "token"],
  },
  {
    name: "a list of secrets",
    incoming: { apiKey: [R, "new"] },
    stored: { apiKey: ["1", "2"] },
    want: [[["apiKey", 0], "1"]],
  },
];
for (const { name, incoming, stored, want } of CASES) {
  test(`[CONF-08] ${name}`, () => {
    const kept = keepStoredSecrets(incoming, stored);
    assert.deepEqual(kept.ok ? kept.edits.map(({ path, value }) => [path, value]) : kept.lost, want);
  });
}

test("[CONF-08] what is redacted and written back is what was there", () => {
  const tree = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom("x", "y", 1, true, "https://u:p@host/", "https://host/"),
      fc.dictionary(fc.constantFrom("token", "name", "url", "apiKey", "headers"), tie("value"), {
        noNullPrototype: true,
      }),
      fc.array(tie("value"), { maxLength: 3 }),
    ),
  })).value;
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("a", "token"), tree, { noNullPrototype: true }), (stored) => {
      const shown = structuredClone(redactConfig(stored)) as Record<string | number, unknown>;
      const kept = keepStoredSecrets(shown, stored);
      assert.ok(kept.ok, JSON.stringify(kept));
      for (const { path, value } of kept.edits) {
        (getAt(shown, path.slice(0, -1)) as Record<string | number, unknown>)[path.at(-1)!] = value;
      }
      assert.deepEqual(shown, stored);
    }),
  );
});

test("a placeholder is found wherever it is", () => {
  assert.deepEqual(findPlaceholder({ a: [1, { b: "[redacted]" }] }), ["a", 1, "b"]);
  assert.equal(findPlaceholder({ a: ["**", "redacted", null] }), undefined);
});

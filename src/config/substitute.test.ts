import assert from "node:assert/strict";
import { test } from "node:test";
import { inlineVariables, substitute } from "./substitute.ts";

const VARIABLES: Record<string, string> = { KEY: "k1", PORT: "3002", _X9: "x" };
const lookup = (name: string) => VARIABLES[name];

const CASES: [string, unknown, unknown][] = [
  ["a whole value", { a: "${KEY}" }, { a: "k1" }],
  ["parts of a value", ["x-${KEY}-${_X9}"], ["x-k1-x"]],
  ["a number stays text", { port: "${PORT}" }, { port: "3002" }],
  ["an escaped reference", "$${KEY} and ${KEY}", "${KEY} and k1"],
  ["what is no name of a variable", "${key} $KEY ${} ${9A} $", "${key} $KEY ${} ${9A} $"],
  ["keys are not touched", { "${KEY}": 1 }, { "${KEY}": 1 }],
  ["other types are not touched", [1, null, true], [1, null, true]],
];
for (const [name, value, want] of CASES) {
  test(`substitutes ${name}`, () =>
    assert.deepEqual(substitute(value, lookup), { value: want, missing: [] }));
}

test("an unset variable is named with its place and the value is left out", () => {
  assert.deepEqual(substitute({ a: { b: ["${NOPE}", "c"] }, d: "${KEY}${NADA}" }, lookup), {
    value: { a: { b: ["c"] } },
    missing: [
      { path: ["a", "b", 0], name: "NOPE" },
      { path: ["d"], name: "NADA" },
    ],
  });
});

test("what comes out of a variable is not substituted again", () => {
  assert.deepEqual(substitute("${A}", () => "${B}").value, "${B}");
});

test("the secrets of a part that is switched off may be missing, its other values not", () => {
  const part = {
    enabled: false,
    botToken: "${NOPE}",
    accounts: { x: { token: "${NOPE}" } },
    name: "${NOPE}",
  };
  const { value, missing } = substitute({ on: { enabled: true, token: "${NOPE}" }, off: part }, lookup);
  assert.deepEqual(value, { on: { enabled: true }, off: { enabled: false, accounts: { x: {} } } });
  assert.deepEqual(
    missing.map(({ path }) => path.join(".")),
    ["on.token", "off.name"],
  );
});

test("variables may come with the file, in env.vars or env", () => {
  const inline = inlineVariables({ env: { vars: { A: "1" }, B: "2", A: "0", C: "" } });
  assert.deepEqual(["A", "B", "C", "toString"].map(inline), ["1", "2", undefined, undefined]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { inlineVariables, substitute } from "./substitute.ts";

/** Spelt out, so that nobody takes it for a template. */
const ref = (name: string) => `\${${name}}`;

const VARIABLES: Record<string, string> = { KEY: "k1", PORT: "3002", _X9: "x" };
const lookup = (name: string) => VARIABLES[name];

const CASES: [string, unknown, unknown][] = [
  ["a whole value", { a: ref("KEY") }, { a: "k1" }],
  ["parts of a value", [`x-${ref("KEY")}-${ref("_X9")}`], ["x-k1-x"]],
  ["a number stays text", { port: ref("PORT") }, { port: "3002" }],
  ["an escaped reference", `$${ref("KEY")} and ${ref("KEY")}`, `${ref("KEY")} and k1`],
  [
    "what is no name of a variable",
    `${ref("key")} $KEY ${ref("")} ${ref("9A")} $`,
    `${ref("key")} $KEY ${ref("")} ${ref("9A")} $`,
  ],
  ["keys are not touched", { [ref("KEY")]: 1 }, { [ref("KEY")]: 1 }],
  ["other types are not touched", [1, null, true], [1, null, true]],
];
for (const [name, value, want] of CASES) {
  test(`substitutes ${name}`, () =>
    assert.deepEqual(substitute(value, lookup), { value: want, missing: [] }));
}

test("an unset variable is named with its place and the value is left out", () => {
  assert.deepEqual(substitute({ a: { b: [ref("NOPE"), "c"] }, d: `${ref("KEY")}${ref("NADA")}` }, lookup), {
    value: { a: { b: ["c"] } },
    missing: [
      { path: ["a", "b", 0], name: "NOPE" },
      { path: ["d"], name: "NADA" },
    ],
  });
});

test("what comes out of a variable is not substituted again", () => {
  assert.deepEqual(substitute(ref("A"), () => ref("B")).value, ref("B"));
});

test("the secrets of a part that is switched off may be missing, its other values not", () => {
  const part = {
    enabled: false,
    botToken: ref("NOPE"),
    accounts: { x: { token: ref("NOPE") } },
    name: ref("NOPE"),
  };
  const { value, missing } = substitute({ on: { enabled: true, token: ref("NOPE") }, off: part }, lookup);
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

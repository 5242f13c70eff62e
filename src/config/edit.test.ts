import assert from "node:assert/strict";
import { test } from "node:test";
import { setInText, unsetInText } from "./edit.ts";
import type { ConfigPath } from "./path.ts";

const SETS: [string, string, ConfigPath, unknown, string][] = [
  ["a first key", "{}\n", ["gateway", "port"], 3002, '{\n  "gateway": {\n    "port": 3002\n  }\n}\n'],
  [
    "a value, and nothing else",
    "{\n  a : 1 , // one\n\n  b:2,}\n",
    ["a"],
    7,
    "{\n  a : 7 , // one\n\n  b:2,}\n",
  ],
  ["a new key behind the last", '{\n  "a": 1\n}', ["b"], "x", '{\n  "a": 1,\n  "b": "x"\n}'],
  [
    "a new key behind a comment",
    "{\n  a: 1 // note\n  // end\n}",
    ["b"],
    true,
    "{\n  a: 1, // note\n  b: true\n  // end\n}",
  ],
  [
    "a new key behind a trailing comma",
    "{\n  a: 1, // note\n}",
    ["b"],
    null,
    "{\n  a: 1, // note\n  b: null,\n}",
  ],
  [
    "a new key behind a comma that stands far off",
    "{\n  a: 1 /* x */\n  ,\n}",
    ["b"],
    2,
    "{\n  a: 1 /* x */\n  ,\n  b: 2,\n}",
  ],
  ["a new key on the same line", "{ a: 1 }", ["b"], { c: [1, "x"] }, '{ a: 1, b: { c: [1, "x"] } }'],
  ["a new key in an empty object", "{\n  a: {},\n}", ["a", "b"], 1, "{\n  a: {\n    b: 1\n  },\n}"],
  ["a new key beside a comment alone", "{\n  // none yet\n}", ["a"], 1, '{\n  // none yet\n  "a": 1\n}'],
  [
    "a new key inside of comments on one line",
    "{ a: { /* none */ } }",
    ["a", "b"],
    1,
    "{ a: { /* none */ b: 1 } }",
  ],
  [
    "in the quotes of its neighbours",
    "{\n  'a': 'x'\n}",
    ["b"],
    "it's",
    "{\n  'a': 'x',\n  'b': 'it\\'s'\n}",
  ],
  ["in the quotes of the old value", "{ a: 'x', b: \"y\" }", ["b"], "z", "{ a: 'x', b: \"z\" }"],
  ["a key that needs quotes among bare ones", "{\n  a: 1\n}", ["b-c"], 1, '{\n  a: 1,\n  "b-c": 1\n}'],
  [
    "with tabs and Windows line ends",
    '{\r\n\t"a": 1\r\n}\r\n',
    ["b", "c"],
    1,
    '{\r\n\t"a": 1,\r\n\t"b": {\r\n\t\t"c": 1\r\n\t}\r\n}\r\n',
  ],
  ["behind a byte order mark", "\ufeff{\n  a: 1\n}", ["b"], 2, "\ufeff{\n  a: 1,\n  b: 2\n}"],
  [
    "an entry at the end of a list",
    "{\n  l: [\n    1\n  ]\n}",
    ["l", 1],
    { a: 1 },
    "{\n  l: [\n    1,\n    {\n      a: 1\n    }\n  ]\n}",
  ],
  ["an entry of a list on one line", "{l:[1,2]}", ["l", 1], 3, "{l:[1,3]}"],
  ["a key of an entry", "{l:[{id:'a'}]}", ["l", 0, "m"], "x", "{l:[{id:'a', m: 'x'}]}"],
  ["an object where null was", "{\n  a: null\n}", ["a", "b"], 1, "{\n  a: {\n    b: 1\n  }\n}"],
  [
    "a list where nothing was",
    "{}",
    ["l", 0, "id"],
    "a",
    '{\n  "l": [\n    {\n      "id": "a"\n    }\n  ]\n}',
  ],
  ["the last of two equal keys", "{ a: 1, a: 2 }", ["a"], 3, "{ a: 1, a: 3 }"],
  [
    "a long list one entry a line",
    "{\n  a: 1\n}",
    ["b"],
    ["x".repeat(50), "y".repeat(50)],
    `{\n  a: 1,\n  b: [\n    "${"x".repeat(50)}",\n    "${"y".repeat(50)}"\n  ]\n}`,
  ],
];
for (const [name, text, path, value, want] of SETS) {
  test(`sets ${name}`, () => assert.equal(setInText(text, path, value), want));
}

const UNSETS: [string, string, ConfigPath, string][] = [
  ["a key with its line", '{\n  "a": 1,\n  "b": 2\n}', ["a"], '{\n  "b": 2\n}'],
  ["the last key with the comma before it", '{\n  "a": 1,\n  "b": 2\n}', ["b"], '{\n  "a": 1\n}'],
  ["the only key", '{\n  "a": {\n    "b": 1\n  }\n}', ["a", "b"], '{\n  "a": {}\n}'],
  [
    "a key but not its comments",
    "{\n  // above\n  a: 1, // beside\n  b: 2\n}",
    ["a"],
    "{\n  // above\n  // beside\n  b: 2\n}",
  ],
  ["the only key but not its comments", "{\n  // above\n  a: 1\n}", ["a"], "{\n  // above\n}"],
  ["a key on a shared line", "{ a: 1, b: 2, c: 3 }", ["b"], "{ a: 1, c: 3 }"],
  [
    "a key before a comment and its comma",
    "{\n  a: 1 /* x */,\n  b: 2,\n}",
    ["a"],
    "{\n  /* x */\n  b: 2,\n}",
  ],
  ["an entry of a list", "{l:[1,2,3]}", ["l", 1], "{l:[1,3]}"],
  ["all of several equal keys", "{ a: 1, b: 2, a: 3 }", ["a"], "{ b: 2 }"],
  ["what is not there", "{ a: 1 }", ["b", "c"], "{ a: 1 }"],
  ["what is below a value", "{ a: 1 }", ["a", "b"], "{ a: 1 }"],
  ["an entry a list does not have", "{ l: [1] }", ["l", 4], "{ l: [1] }"],
];
for (const [name, text, path, want] of UNSETS) {
  test(`unsets ${name}`, () => assert.equal(unsetInText(text, path), want));
}

const BLOCKED: [string, string, ConfigPath, RegExp][] = [
  ["below a value", "{ a: 1 }", ["a", "b"], /Cannot set a\.b: a is a single value/],
  ["a gap in a list", "{ l: [1] }", ["l", 2], /Cannot set l\[2\]: l is a list of 1/],
  ["a name in a list", "{ l: [1] }", ["l", "x"], /Cannot set l\.x: l is a list of 1/],
  ["a new list that does not start at its start", "{}", ["l", 1], /a new list starts at \[0\]/],
  ["[CONF-01] a reserved name", "{}", ["__proto__", "polluted"], /"__proto__" is a reserved name/],
  ["[CONF-01] a reserved name further down", "{}", ["a", "constructor", "prototype"], /is a reserved name/],
];
for (const [name, text, path, message] of BLOCKED) {
  test(`refuses to set ${name}`, () => {
    assert.throws(() => setInText(text, path, 1), message);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
}

for (const value of [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  undefined,
  () => 1,
  [undefined],
  { a: Number.NaN },
]) {
  test(`refuses to write ${String(value)}, which JSON cannot say`, () => {
    assert.throws(() => setInText("{}", ["a"], value), TypeError);
  });
}

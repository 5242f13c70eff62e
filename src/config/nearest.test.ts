import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./nearest.ts";

const KEYS = ["port", "bind", "auth", "baseUrl", "customBindHost", "trustedProxies"];

const CASES: [string, string | undefined][] = [
  ["prot", "port"],
  ["prt", "port"],
  ["PORT", "port"],
  ["baseURL", "baseUrl"],
  ["trustedProxy", "trustedProxies"],
  ["customBindhots", "customBindHost"],
  ["whatever", undefined],
  ["x", undefined],
  ["", undefined],
];
for (const [word, want] of CASES) {
  test(`${JSON.stringify(word)} is ${want ? `close to ${want}` : "close to nothing"}`, () => {
    assert.equal(nearest(word, KEYS), want);
  });
}

test("the caller may ask for less or more closeness", () => {
  assert.equal(nearest("prtx", ["port"], 1), undefined);
  assert.equal(nearest("prtx", ["port"], 2), "port");
});

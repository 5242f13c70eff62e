import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfigValue } from "./config-value.ts";

const port = ["gateway", "port"];
const token = ["gateway", "auth", "token"];

const CASES = [
  { text: "18800", path: port, want: 18800 },
  { text: "true", path: port, want: true },
  { text: "local", path: port, want: "local" },
  { text: "-5 apples", path: port, want: "-5 apples" },
  { text: '["127.0.0.1"]', path: port, want: ["127.0.0.1"] },
  { text: "{a: 1, /* why */ b: ['x',]}", path: port, want: { a: 1, b: ["x"] } },
  { text: "123456", path: token, want: "123456" },
  { text: "null", path: token, want: null },
] as const;

for (const { text, path, want } of CASES) {
  test(`${text} for ${path.join(".")} is ${JSON.stringify(want)}`, async () => {
    assert.deepEqual(await parseConfigValue(text, path, false), want);
  });
}

test("what begins like JSON, or has to be JSON, and is not, is refused", async () => {
  await assert.rejects(parseConfigValue('["127', port, false), { name: "UsageError" });
  await assert.rejects(parseConfigValue("local", port, true), { name: "UsageError" });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { defineCommand } from "./command.ts";
import { parseArguments } from "./parse.ts";

const command = defineCommand({
  summary: "A command of this test",
  positionals: { path: { summary: "a path" }, value: { summary: "a value", optional: true } },
  options: {
    message: { type: "string", alias: "m", summary: "" },
    sessionKey: { type: "string", summary: "" },
    limit: { type: "number", otherNames: ["tail"], min: 1, max: 500, default: 200, summary: "" },
    mode: { type: "choice", values: ["local", "remote"], summary: "" },
    wait: { type: "duration", bareUnit: "s", summary: "" },
    follow: { type: "boolean", alias: "f", summary: "" },
    noOpen: { type: "boolean", summary: "" },
  },
  run: () => ({}),
  render() {},
});
const strict = defineCommand({
  summary: "A command with a required option",
  options: { message: { type: "string", required: true, summary: "" } },
  run() {},
});

const parse = (...tokens: string[]) => parseArguments(command, ["a", "test"], tokens);

test("options become typed arguments, in camelCase and with their defaults", async () => {
  assert.deepEqual(await parse("p", "--session-key", "work", "-f", "--mode=remote", "--wait", "2"), {
    path: "p",
    value: undefined,
    message: undefined,
    sessionKey: "work",
    limit: 200,
    mode: "remote",
    wait: 2_000,
    follow: true,
    noOpen: false,
    json: false,
  });
});

const VALUES = [
  { name: "an empty value", tokens: ["p", "--message="], want: { message: "" } },
  { name: "a value with line breaks", tokens: ["p", "--message=a\n--b"], want: { message: "a\n--b" } },
  {
    name: "a value that looks like an option",
    tokens: ["p", "--message=--mode x"],
    want: { message: "--mode x" },
  },
  { name: "an older spelling", tokens: ["p", "--tail", "20"], want: { limit: 20 } },
  { name: "an older spelling with an equals sign", tokens: ["p", "--tail=20"], want: { limit: 20 } },
  { name: "an option that begins with no", tokens: ["p", "--no-open"], want: { noOpen: true } },
  { name: "arguments behind --", tokens: ["--", "p", "--tail"], want: { path: "p", value: "--tail" } },
  { name: "--json of a command with data", tokens: ["p", "--json"], want: { json: true } },
] as const;

for (const { name, tokens, want } of VALUES) {
  test(`understands ${name}`, async () => {
    const parsed = await parse(...tokens);
    for (const [key, value] of Object.entries(want)) assert.equal(parsed[key], value);
  });
}

const WRONG = [
  {
    tokens: ["p", "--mesage", "x"],
    message: `unknown option --mesage for "a test" — did you mean --message?`,
  },
  { tokens: ["p", "--tial", "3"], message: `unknown option --tial for "a test" — did you mean --tail?` },
  { tokens: ["p", "--verbsoe"], message: `unknown option --verbsoe for "a test" — did you mean --verbose?` },
  { tokens: ["p", "--constructor"], message: `unknown option --constructor for "a test"` },
  { tokens: ["p", "--to-string=1"], message: `unknown option --to-string for "a test"` },
  {
    tokens: ["p", "--no-follow"],
    message: `unknown option --no-follow for "a test" — did you mean --follow?`,
  },
  { tokens: ["p", "-x"], message: `unknown option -x for "a test"` },
  {
    tokens: ["p", "--limit", "0"],
    message: `bad value "0" for --limit: expected a whole number from 1 to 500`,
  },
  {
    tokens: ["p", "--limit", "1e2"],
    message: `bad value "1e2" for --limit: expected a whole number from 1 to 500`,
  },
  {
    tokens: ["p", "--wait", "soon"],
    message: `bad value "soon" for --wait: expected a duration such as 500ms, 2s or 5m`,
  },
  {
    tokens: ["p", "--mode", "locla"],
    message: `bad value "locla" for --mode: expected one of local, remote — did you mean local?`,
  },
  { tokens: ["p", "--message"], message: "--message needs a value" },
  { tokens: ["p", "-m", "a", "-m", "b"], message: "--message was given twice" },
  { tokens: ["p", "v", "w"], message: `unexpected argument "w" for "a test"` },
  { tokens: [], message: `missing argument <path> for "a test"` },
] as const;

for (const { tokens, message } of WRONG) {
  test(`refuses ${tokens.join(" ") || "nothing at all"}`, async () => {
    await assert.rejects(parse(...tokens), { name: "UsageError", message, words: ["a", "test"] });
  });
}

test("a required option that is missing is named", async () => {
  await assert.rejects(parseArguments(strict, ["say"], []), {
    message: `missing option --message for "say"`,
  });
});

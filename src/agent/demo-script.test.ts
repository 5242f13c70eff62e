import assert from "node:assert/strict";
import { test } from "node:test";
import { type TranscriptMessage, text } from "../protocol/messages.ts";
import { answerToResults, answerToWords } from "./demo-script.ts";

const TOOLS = ["read", "write", "list", "exec"];

const INSTRUCTIONS: { said: string; tool: string; input: Record<string, unknown> }[] = [
  { said: "list files", tool: "list", input: {} },
  { said: "List files.", tool: "list", input: {} },
  { said: "please list the files in notes/2026", tool: "list", input: { path: "notes/2026" } },
  { said: "show me my files", tool: "list", input: {} },
  { said: "read AGENTS.md", tool: "read", input: { path: "AGENTS.md" } },
  {
    said: "write notes/a.md: hello: you",
    tool: "write",
    input: { path: "notes/a.md", content: "hello: you\n" },
  },
  { said: "run echo hi && ls", tool: "exec", input: { command: "echo hi && ls" } },
];
for (const { said, tool, input } of INSTRUCTIONS) {
  test(`"${said}" is a real call of ${tool}`, () => {
    assert.deepEqual(answerToWords(said, TOOLS), { kind: "tool-call", name: tool, input });
  });
}

function spoken(said: string, tools = TOOLS): string {
  const answer = answerToWords(said, tools);
  assert.ok(answer.kind === "text");
  return answer.text;
}

test("anything else is answered with what it is and what it can do", () => {
  const answer = spoken("What is love?");
  assert.match(answer, /"What is love\?"/);
  assert.match(answer, /not a language model/);
  assert.match(answer, /"list files".*"read FILE".*"write FILE: TEXT".*"run COMMAND"/);
});

test("an instruction without its tool is not offered and not followed", () => {
  assert.doesNotMatch(spoken("run ls", ["read"]), /run COMMAND/);
});

test("at most 200 characters of a message are repeated", () => {
  assert.ok(!spoken("z".repeat(500)).includes("z".repeat(201)));
});

test("say N words says exactly that many", () => {
  assert.equal(spoken("say 50 words").split(" ").length, 50);
});

function result(toolName: string, output: string, isError = false): TranscriptMessage {
  return { role: "toolResult", content: text(output), timestamp: 1, toolName, isError };
}

const RESULTS: { name: string; results: TranscriptMessage[]; says: RegExp }[] = [
  {
    name: "a listing is counted",
    results: [result("list", "a.md (3 bytes)\nnotes/")],
    says: /^1 file and 1 folder:\n\na\.md/,
  },
  { name: "an empty folder", results: [result("list", "(empty)")], says: /^There are no files here/ },
  { name: "a file", results: [result("read", "hello")], says: /^It says:\n\nhello$/ },
  {
    name: "a failure",
    results: [result("read", "no such file", true)],
    says: /^That did not work: no such file$/,
  },
  {
    name: "several results",
    results: [result("write", "wrote a"), result("exec", "hi")],
    says: /^Done\. wrote a\n\nThe command printed:\n\nhi$/,
  },
];
for (const { name, results, says } of RESULTS) {
  test(`${name} after a tool call is told`, () => assert.match(answerToResults(results), says));
}

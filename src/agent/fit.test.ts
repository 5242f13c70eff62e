import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type TranscriptMessage, text, textOf } from "../protocol/messages.ts";
import { CUT_NOTICE, hardCut, trimTools } from "./fit.ts";
import { forModel } from "./history.ts";
import { tokensOf, tokensOfAll } from "./tokens.ts";

const user = (words: string): TranscriptMessage => ({ role: "user", content: text(words), timestamp: 1 });
const says = (words: string): TranscriptMessage => ({
  role: "assistant",
  content: text(words),
  timestamp: 1,
});
const calls = (id: string, words = ""): TranscriptMessage => ({
  role: "assistant",
  content: [...text(words), { type: "toolCall", id, name: "read", arguments: { path: id } }],
  timestamp: 1,
});
const result = (id: string, output: string): TranscriptMessage => ({
  role: "toolResult",
  content: text(output),
  timestamp: 1,
  toolCallId: id,
  toolName: "read",
});

const LONG = "all work and no play ".repeat(500);

function session(exchanges: number): TranscriptMessage[] {
  return Array.from({ length: exchanges }, (_, n) => [
    user(`question ${n}`),
    calls(`c${n}`),
    result(`c${n}`, LONG),
    says(`answer ${n}`),
  ]).flat();
}

test("what fits stays as it is, the very same list", () => {
  const messages = session(3);
  assert.equal(trimTools(messages, 100_000), messages);
  assert.equal(hardCut(messages, 100_000), messages);
});

test("old tool outputs lose their middle first; the newest stay whole, and so do words", () => {
  const messages = session(6);
  const trimmed = trimTools(messages, 12_000);
  assert.ok(tokensOfAll(trimmed) <= 12_000);
  assert.match(textOf(trimmed[2]!), /^all work[\s\S]*bytes left out[\s\S]*play $/);
  assert.equal(textOf(trimmed.at(-2)!), LONG);
  assert.deepEqual(
    trimmed.filter(({ role }) => role !== "toolResult"),
    messages.filter(({ role }) => role !== "toolResult"),
  );
});

test("then the oldest calls go with their results, and say so", () => {
  const trimmed = trimTools(session(6), 5_700);
  assert.equal(textOf(trimmed[1]!), "[a tool call and its result are left out here]");
  assert.equal(textOf(trimmed[2]!), "answer 0");
  assert.deepEqual(forModel(trimmed), trimmed, "every call that is left has its result");
});

test("the hard cut begins with a question and the notice, and keeps the last question", () => {
  const cut = hardCut(session(6), 4_000);
  assert.ok(tokensOfAll(cut) <= 4_000);
  assert.ok(textOf(cut[0]!).startsWith(`${CUT_NOTICE}\n\nquestion 5`));
  assert.equal(cut[0]!.role, "user");
});

test("a question that alone is too much is cut in its middle", () => {
  const [only] = hardCut([user(`begin ${LONG} end`)], 500);
  assert.match(textOf(only!), /begin all[\s\S]*bytes left out[\s\S]* end$/);
  assert.ok(tokensOfAll([only!]) <= 500);
});

test("whatever a conversation is like: the result fits, is a valid one, and ends with what it ended with", () => {
  const words = fc.string({ minLength: 1, maxLength: 3_000, unit: "grapheme" });
  const exchange = fc
    .tuple(words, fc.array(words, { maxLength: 3 }), words)
    .map(([asked, outputs, answer]) => [
      user(asked),
      ...outputs.flatMap((output, index) => [calls(`c${index}`, "look"), result(`c${index}`, output)]),
      says(`x${answer}`),
    ]);
  const conversation = fc
    .array(exchange, { minLength: 1, maxLength: 6 })
    .map((exchanges) => [...exchanges.flat(), user("last")]);
  fc.assert(
    fc.property(conversation, fc.integer({ min: 600, max: 6_000 }), (messages, room) => {
      const fitted = hardCut(trimTools(forModel(messages), room), room);
      assert.ok(tokensOfAll(fitted) <= room);
      assert.deepEqual(forModel(fitted), fitted);
      assert.equal(fitted[0]!.role, "user");
      assert.ok(textOf(fitted.at(-1)!).endsWith("last"));
    }),
    { numRuns: 60 },
  );
});

test("the estimate is above what is billed for prose, and counts other scripts by the character", () => {
  assert.ok(tokensOf("The quick brown fox jumps over the lazy dog.") >= 10);
  assert.ok(tokensOf("我们的网关很轻，很诚实。") >= 10);
  assert.equal(tokensOf(""), 0);
});

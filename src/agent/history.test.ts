import assert from "node:assert/strict";
import { test } from "node:test";
import { type ContentBlock, type TranscriptMessage, text, textOf } from "../protocol/messages.ts";
import { forModel } from "./history.ts";

function message(
  role: TranscriptMessage["role"],
  content: ContentBlock[],
  rest: Partial<TranscriptMessage> = {},
) {
  return { role, content, timestamp: 1, ...rest };
}
const user = (words: string) => message("user", text(words));
const calling = (...ids: string[]) =>
  message(
    "assistant",
    ids.map((id) => ({ type: "toolCall" as const, id, name: "look", arguments: {} })),
  );
const result = (id: string, words: string) => message("toolResult", text(words), { toolCallId: id });
const answer = (words: string) => message("assistant", text(words));

const CASES: { name: string; history: TranscriptMessage[]; want: string[] }[] = [
  {
    name: "notices and empty answers are left out",
    history: [user("a"), message("system", text("restarted")), answer(""), answer("  "), answer("b")],
    want: ["user a", "assistant b"],
  },
  {
    name: "an answer of thoughts alone is empty to the model",
    history: [user("a"), message("assistant", [{ type: "thinking", thinking: "hm" }]), user("b")],
    want: ["user a", "user b"],
  },
  {
    name: "a call without result gets an interrupted one",
    history: [user("a"), calling("1", "2"), result("2", "two"), user("b")],
    want: ["user a", "assistant ", "toolResult interrupted", "toolResult two", "user b"],
  },
  {
    name: "results follow their calls even when a message came between",
    history: [calling("1"), user("hurry"), result("1", "one")],
    want: ["assistant ", "toolResult one", "user hurry"],
  },
  {
    name: "a result nobody asked for is left out",
    history: [user("a"), result("9", "stray"), answer("b")],
    want: ["user a", "assistant b"],
  },
  {
    name: "ids that repeat in later messages keep their own results",
    history: [calling("0"), result("0", "first"), calling("0"), result("0", "second")],
    want: ["assistant ", "toolResult first", "assistant ", "toolResult second"],
  },
];
for (const { name, history, want } of CASES) {
  test(name, () => {
    const seen = forModel(history).map((one) => `${one.role} ${textOf(one).split(":")[0]}`);
    assert.deepEqual(seen, want);
  });
}

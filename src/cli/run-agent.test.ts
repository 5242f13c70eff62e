import assert from "node:assert/strict";
import { test } from "node:test";
import { replyText } from "./reply-text.ts";
import { failureOf } from "./run-agent.ts";

const CASES = [
  { answer: { status: "ok" }, want: undefined },
  {
    answer: { status: "error", summary: "failed", error: "401 from openai" },
    want: "agent run failed: 401 from openai",
  },
  { answer: { status: "error", summary: "aborted", error: "rpc" }, want: "agent run stopped" },
  { answer: { status: "error", result: { meta: { aborted: true } } }, want: "agent run stopped" },
  { answer: { status: "timeout" }, want: "agent run timed out" },
  { answer: { status: "error" }, want: "agent run failed: error" },
];

for (const { answer, want } of CASES) {
  test(`${JSON.stringify(answer)} is told as ${want}`, () => {
    assert.equal(failureOf({ runId: "r", ...answer })?.message, want);
  });
}

test("[CONF-10] a reply keeps its lines and tabs and cannot steer the terminal", () => {
  assert.equal(replyText("a\n\tb\r\nc\u001b[2Jd\re"), "a\n\tb\nc\\u001b[2Jd\\re");
});

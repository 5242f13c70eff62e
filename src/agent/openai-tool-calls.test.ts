import assert from "node:assert/strict";
import { test } from "node:test";
import { openCalls } from "./openai-tool-calls.ts";

function assembled(...pieces: unknown[]) {
  const calls = openCalls();
  for (const piece of pieces) calls.take(piece);
  return calls
    .finish()
    .map(({ id, name, input, invalid }) => ({ id, name, input, ...(invalid && { invalid }) }));
}
const fn = (name: string | undefined, args: unknown) => ({ function: { name, arguments: args } });

const CASES: { name: string; pieces: unknown[]; want: unknown[] }[] = [
  {
    name: "whole calls that all claim index 0 stay apart by their ids",
    pieces: [
      { index: 0, id: "a", ...fn("x", "{}") },
      { index: 0, id: "b", ...fn("y", '{"n":1}') },
    ],
    want: [
      { id: "a", name: "x", input: {} },
      { id: "b", name: "y", input: { n: 1 } },
    ],
  },
  {
    name: "pieces without index belong to the call before",
    pieces: [{ id: "a", ...fn("x", '{"n"') }, fn(undefined, ":1}"), { id: "b", ...fn("y", "") }],
    want: [
      { id: "a", name: "x", input: { n: 1 } },
      { id: "b", name: "y", input: {} },
    ],
  },
  {
    name: "a call without id gets one",
    pieces: [
      { index: 0, ...fn("x", "{}") },
      { index: 1, ...fn("y", "{}") },
    ],
    want: [
      { id: "call_0", name: "x", input: {} },
      { id: "call_1", name: "y", input: {} },
    ],
  },
  {
    name: "arguments that come as an object are taken",
    pieces: [{ index: 0, id: "a", ...fn("x", { n: 1 }) }],
    want: [{ id: "a", name: "x", input: { n: 1 } }],
  },
  {
    name: "arguments that are no object are named as such",
    pieces: [{ index: 0, id: "a", ...fn("x", "[1]") }],
    want: [{ id: "a", name: "x", input: {}, invalid: "they are not a JSON object" }],
  },
];
for (const { name, pieces, want } of CASES) test(name, () => assert.deepEqual(assembled(...pieces), want));

import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault, faultLines } from "./fault.ts";

test("a fault says what, why and the one command", () => {
  const fault = new Fault("port 18789 is in use", { why: "pid 7 has it", fix: "kill 7", lines: ["a", "b"] });
  assert.deepEqual(faultLines(fault), ["port 18789 is in use", "a", "b", "  pid 7 has it", "  fix: kill 7"]);
  assert.equal(fault.exitCode, 1);
});

test("a fault without reason or way out is one line", () => {
  assert.deepEqual(faultLines(new Fault("failed", { exitCode: 75 })), ["failed"]);
});

test("[CONF-10] text from outside cannot steer the terminal it is printed on", () => {
  const lines = faultLines(new Fault("no file \u001b[2J\u009b31m", { why: "named \u202egpj" }));
  assert.deepEqual(lines, ["no file \\u001b[2J\\u009b31m", "  named \\u202egpj"]);
});

test("a fault keeps its cause and its other spelling for the log", () => {
  const cause = new Error("inner");
  const fault = new Fault("outer", { cause, log: "outer, for the file" });
  assert.equal(fault.cause, cause);
  assert.equal(fault.log, "outer, for the file");
});

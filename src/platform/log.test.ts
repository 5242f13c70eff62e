import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { NOON, openTempLog } from "./log.fixture.ts";
import { type LogOptions, nullLog } from "./log.ts";

const tempLog = (options: Partial<LogOptions> = {}) => openTempLog(handClock(NOON), options);

test("a line in the file has the shape that readers of it parse", async () => {
  await using temp = tempLog();
  temp.log.child("sessions").info("turn stored", { turnId: "t1", rows: 2, error: new Error("x") });
  const [{ error, ...line } = {}] = temp.lines();
  assert.deepEqual(line, {
    level: "info",
    _meta: { logLevelName: "INFO" },
    time: new Date(NOON).toISOString(),
    subsystem: "sessions",
    turnId: "t1",
    rows: 2,
    message: "turn stored",
  });
  assert.equal((error as Error).message, "x");
});

test("a field cannot pose as one of the line's own", async () => {
  await using temp = tempLog();
  temp.log.info("real", { level: "error", time: "never", message: "forged", subsystem: "x", _meta: 1 });
  const text = temp.text();
  assert.equal(text.match(/"message":/g)?.length, 1);
  assert.deepEqual([temp.lines()[0]?.level, temp.lines()[0]?.level_], ["info", "error"]);
});

test("the console line is short and readable", async () => {
  await using temp = tempLog();
  temp.log.info("listening on :18789");
  temp.log.child("cron").warn("job failed", {
    id: "j 1",
    ms: 12,
    ok: false,
    error: new Error("no route"),
    detail: { deep: 1 },
    long: "x".repeat(200),
    none: undefined,
  });
  assert.deepEqual(temp.shown, [
    "12:00:00 [gateway] listening on :18789",
    '12:00:00 [cron] job failed id="j 1" ms=12 ok=false error="no route"',
  ]);
});

test("colours appear only when asked for", async () => {
  const shown: string[] = [];
  await using temp = tempLog({ console: { write: (line) => void shown.push(line), color: true } });
  temp.log.error("bad");
  assert.equal(shown[0], "\u001b[2m12:00:00\u001b[0m \u001b[31m[gateway] bad\u001b[0m");
});

test("levels below the chosen one are not kept", async () => {
  await using temp = tempLog({ level: "warn" });
  for (const level of ["debug", "info", "warn", "error"] as const) temp.log[level](level);
  assert.deepEqual(
    temp.lines().map((line) => line.message),
    ["warn", "error"],
  );
  assert.equal(temp.shown.length, 2);
});

test("[CONF-10] one event is one physical line without controls, on the console and in the file", async () => {
  await using temp = tempLog();
  const forged = "x\r\n12:00:00 [gateway] forged\u001b[2J\u009b1m\u2028\u202e";
  temp.log.child(forged).warn(forged, { [forged]: forged, list: [forged] });
  const text = temp.text();
  for (const line of [...temp.shown, text.slice(0, -1)]) {
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
  }
  assert.equal(temp.shown.length, 1);
  assert.equal(temp.lines()[0]?.message, forged);
});

test("[CONF-09] secrets reach neither the console nor the file", async () => {
  await using temp = tempLog();
  temp.sink.addSecret("SEC-gateway-4711");
  temp.log.error("refused SEC-gateway-4711", {
    url: "ws://h/?t=SEC-gateway-4711",
    token: "other",
    error: new Error("SEC-gateway-4711"),
  });
  const text = temp.text();
  assert.doesNotMatch(text + temp.shown.join(), /SEC-gateway|other/);
  assert.match(temp.shown[0]!, /refused \*\*\* url=/);
});

test("long texts are cut", async () => {
  await using temp = tempLog();
  temp.log.info("x".repeat(10_000), { text: "y".repeat(10_000) });
  const [line] = temp.lines();
  assert.equal(String(line?.message).length, 2_000 + "… (8000 more characters)".length);
  assert.ok(String(line?.text).length < 2_100);
});

test("the log for nobody takes everything", () => {
  const log = nullLog().child("x");
  for (const level of ["debug", "info", "warn", "error"] as const) log[level]("x", { a: 1 });
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { DAY_MS, NOON, openTempLog } from "./log.fixture.ts";
import { type LogOptions, openLog } from "./log.ts";

const tempLog = (options: Partial<LogOptions> = {}) => openTempLog(handClock(NOON), options);

test("[CONF-06] the file is 0600 under umask 000, also one that was wider", async (t) => {
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  await using temp = tempLog();
  assert.deepEqual(temp.files(), ["gateway-2026-01-05.log"]);
  assert.equal(statSync(temp.sink.file()).mode & 0o777, 0o600);
});

test("lines wait a moment for company, an error goes out at once", async () => {
  await using temp = tempLog();
  const size = () => statSync(temp.sink.file()).size;
  temp.log.info("one");
  assert.equal(size(), 0);
  temp.log.error("two");
  const afterError = size();
  assert.ok(afterError > 0);
  temp.log.info("three");
  temp.clock.advance(200);
  while (size() === afterError) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    temp.lines().map((line) => line.message),
    ["one", "two", "three"],
  );
});

test("a new day begins a new file", async () => {
  await using temp = tempLog();
  temp.log.info("monday");
  temp.sink.flush();
  temp.clock.advance(DAY_MS / 2);
  temp.log.info("tuesday");
  assert.deepEqual(temp.files(), ["gateway-2026-01-05.log", "gateway-2026-01-06.log"]);
  assert.deepEqual(
    temp.lines("gateway-2026-01-05.log").map((line) => line.message),
    ["monday"],
  );
  assert.deepEqual(
    temp.lines("gateway-2026-01-06.log").map((line) => line.message),
    ["tuesday"],
  );
  assert.match(temp.sink.file(), /gateway-2026-01-06\.log$/);
});

test("a full file is followed by a numbered one, which is gone on with after a restart", async () => {
  await using temp = tempLog({ maxFileBytes: 300, filePrefix: "g" });
  for (let n = 0; n < 12; n++) {
    temp.log.info(`line ${n}`);
    temp.sink.flush();
  }
  const names = ["g-2026-01-05.1.log", "g-2026-01-05.2.log", "g-2026-01-05.3.log", "g-2026-01-05.log"];
  assert.deepEqual(temp.files(), names);
  const sizes = names.map((name) => statSync(join(temp.dir, name)).size);
  assert.ok(Math.max(...sizes) < 300 + 200);
  const order = ["g-2026-01-05.log", ...names.slice(0, 3)];
  const messages = order.flatMap((name) => temp.lines(name).map((line) => line.message));
  assert.deepEqual(
    messages,
    Array.from({ length: 12 }, (_, n) => `line ${n}`),
  );

  await using again = openLog({
    dir: temp.dir,
    level: "info",
    clock: temp.clock,
    maxFileBytes: 10_000,
    filePrefix: "g",
  });
  assert.match(again.file(), /g-2026-01-05\.3\.log$/);
});

test("old files beyond the limit go, files of others stay", async () => {
  await using temp = tempLog({ keepFiles: 3 });
  writeFileSync(join(temp.dir, "other.log"), "");
  writeFileSync(join(temp.dir, "gateway-notes.log"), "");
  for (let day = 0; day < 6; day++) {
    temp.log.info("x");
    temp.clock.advance(DAY_MS);
  }
  temp.log.info("x");
  assert.deepEqual(temp.files(), [
    "gateway-2026-01-09.log",
    "gateway-2026-01-10.log",
    "gateway-2026-01-11.log",
    "gateway-notes.log",
    "other.log",
  ]);
});

test("all files together stay within their limit, by day and by size", async () => {
  await using temp = tempLog({ maxFileBytes: 2_000, maxTotalBytes: 10_000 });
  const total = () => temp.files().reduce((sum, name) => sum + statSync(join(temp.dir, name)).size, 0);
  for (let day = 0; day < 5; day++) {
    for (let n = 0; n < 60; n++) {
      temp.log.info(`line ${n} of day ${day}`);
      temp.sink.flush();
      assert.ok(total() <= 10_000 + 200, `${total()} bytes`);
    }
    temp.clock.advance(DAY_MS);
  }
  assert.ok(temp.files().length >= 4);
  const messages = temp.files().flatMap((name) => temp.lines(name).map(({ message }) => message));
  assert.ok(messages.includes("line 59 of day 4") && !messages.includes("line 0 of day 0"));
});

test("a log folder that goes away and comes back costs nothing but lines, and says so once", async () => {
  await using temp = tempLog();
  temp.log.info("before");
  temp.sink.flush();
  renameSync(temp.dir, `${temp.dir}-gone`);
  temp.clock.advance(DAY_MS);
  for (let n = 0; n < 20_000; n++) temp.log.info(`meanwhile ${n} ${"x".repeat(100)}`);
  temp.log.error("still talking");
  temp.clock.advance(5_000);
  assert.equal(temp.shown.filter((line) => line.includes("cannot write the log file")).length, 1);
  rmSync(temp.dir, { recursive: true, force: true });
  renameSync(`${temp.dir}-gone`, temp.dir);
  temp.log.info("after");
  temp.sink.flush();
  const messages = temp.lines("gateway-2026-01-06.log").map((line) => String(line.message));
  assert.ok(messages.includes(`meanwhile 0 ${"x".repeat(100)}`));
  assert.ok(messages.some((message) => /^\d+ lines were lost while the disk refused$/.test(message)));
});

test("a full disk throws into nobody and does not hang the flush", {
  skip: process.platform !== "linux",
}, async () => {
  await using temp = tempLog();
  const { stdout, status } = spawnSync(
    "sh",
    [
      "-c",
      `ulimit -f 1; trap "" XFSZ; exec "$0" --input-type=module-typescript -e "$1"`,
      process.execPath,
      `import { openLog, type LogOptions } from "./log.ts";

const tempLog = (options: Partial<LogOptions> = {}) => openTempLog(handClock(NOON), options);
       import { systemClock } from "./clock.ts";
       const console_ = { write: (line) => console.log(line), color: false };
       const sink = openLog({ dir: ${JSON.stringify(temp.dir)}, filePrefix: "small", level: "info", clock: systemClock, console: console_ });
       for (let n = 0; n < 50; n++) sink.log.error("x".repeat(100));
       sink.flush();
       await sink[Symbol.asyncDispose]();
       console.log("alive");`,
    ],
    { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 },
  );
  assert.equal(status, 0);
  assert.match(stdout, /cannot write the log file: EFBIG/);
  assert.match(stdout, /alive/);
});

test("what was logged right before the process ends is in the file", async () => {
  await using temp = tempLog();
  spawnSync(
    process.execPath,
    [
      "--input-type=module-typescript",
      "-e",
      `import { openLog, type LogOptions } from "./log.ts";

const tempLog = (options: Partial<LogOptions> = {}) => openTempLog(handClock(NOON), options);
       import { systemClock } from "./clock.ts";
       openLog({ dir: ${JSON.stringify(temp.dir)}, filePrefix: "last", level: "info", clock: systemClock }).log.info("last words");
       process.exit(3);`,
    ],
    { cwd: import.meta.dirname },
  );
  const name = temp.files().find((file) => file.startsWith("last-"))!;
  assert.equal(temp.lines(name)[0]?.message, "last words");
});

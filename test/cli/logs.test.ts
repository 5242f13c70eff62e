import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { freePort } from "../kit/port.ts";
import { spawnOpenclaw } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";

const line = (time: string, level: string, message: string, more = {}) =>
  JSON.stringify({
    time,
    level,
    subsystem: "gateway",
    message,
    ...more,
    _meta: { logLevelName: level.toUpperCase() },
  });

/** The files of a gateway that is gone. */
async function openLogs() {
  const state = makeState(localConfig(await freePort()));
  const dir = join(state.dir, "logs");
  mkdirSync(dir, { recursive: true });
  const old = ["2026-11-19T10:00:00.000Z", "2026-11-19T11:00:00.000Z"];
  const young = "2026-11-20T10:00:00.000Z";
  writeFileSync(
    join(dir, "gateway-2026-11-19.log"),
    `${line(old[0]!, "info", "starting...")}\n${line(old[1]!, "warn", "slow \u001b[31mred", { file: "a\nb" })}\n`,
  );
  writeFileSync(
    join(dir, "gateway-2026-11-20.log"),
    `${line(young, "error", "error: EACCES: permission denied")}\n${line(young, "info", "starting...")}\n`,
  );
  return { state, dir };
}

test("[crash-loop-error] a gateway that is down has a log all the same; filters pick from all files", async () => {
  const { state } = await openLogs();
  using _ = state;
  const logs = (...args: string[]) => runHere(["logs", ...args], state, { TZ: "UTC" });
  const [all, tail, errors, since, found, none] = await Promise.all([
    logs(),
    logs("--tail", "1", "--json"),
    logs("--level", "warn", "--limit", "1"),
    logs("--since", "2026-11-19T10:30:00Z", "--until", "2026-11-20", "--utc"),
    logs("--grep", "STARTING", "-n", "1"),
    logs("--grep", "no such text"),
  ]);
  assert.equal(all.code, 0);
  assert.match(all.stdout, /^2026-11-19 10:00:00 info {2}\[gateway\] starting\.\.\.\n/);
  assert.equal(all.stdout.trimEnd().split("\n").length, 4);
  assert.match(all.stdout, /\[gateway\] error: EACCES: permission denied\n/);
  assert.equal(JSON.parse(tail.stdout).message, "starting...");
  assert.match(errors.stdout, /^2026-11-20 10:00:00 error \[gateway\] error: EACCES: permission denied\n$/);
  assert.match(since.stdout, /^2026-11-19 11:00:00Z warn {2}\[gateway\] slow /);
  assert.equal(since.stdout.trimEnd().split("\n").length, 1);
  assert.match(found.stdout, /^2026-11-20 10:00:00 info {2}\[gateway\] starting\.\.\.\n$/);
  assert.deepEqual([none.code, none.stdout, none.stderr], [0, "", "notice: no such log lines\n"]);
});

test("[CONF-10] what strangers wrote into the log does not steer the terminal", async () => {
  const { state } = await openLogs();
  using _ = state;
  const { stdout } = await runHere(["logs", "--level", "warn"], state);
  assert.doesNotMatch(stdout, /\u001b/);
  assert.match(stdout, /slow \\u001b\[31mred file="a\\nb"\n/);
});

test("logs --follow works with the gateway down, and shows what a start writes", async () => {
  const { state, dir } = await openLogs();
  using _ = state;
  await using command = spawnOpenclaw(
    ["logs", "--follow", "-n", "1", "--interval", "50ms", "--level", "error"],
    state,
  );
  await command.printed(/EACCES/);
  const next = (level: string, text: string) => `${line("2026-11-21T08:00:00.000Z", level, text)}\n`;
  writeFileSync(join(dir, "gateway-2026-11-21.log"), next("info", "hidden") + next("error", "error: again"));
  await command.printed(/error: again/);
  assert.doesNotMatch(command.stdout(), /hidden/);
  command.child.kill("SIGINT");
  assert.equal((await command.ended).code, 0);
});

test("a time, level or pattern that is not understood is a wrong usage, exit 2", async () => {
  using state = makeState(localConfig(1));
  const { code, stderr } = await runHere(["logs", "--since", "yesterday"], state);
  assert.equal(code, 2);
  assert.match(stderr, /bad value "yesterday" for --since: expected 10m, 2h, 1d, or a time such as/);
});

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { runSelftest, type SelftestReport } from "../../src/cli/selftest/run-selftest.ts";
import { readEnv } from "../../src/platform/env.ts";
import { LAUNCHER, runOpenclaw, spawnOpenclaw } from "../kit/process.ts";
import { makeState, type StateFolder } from "../kit/state.ts";

/** A folder for temporary files of the test's own, so that what others do does not count. */
const own = (state: StateFolder) => ({ TMPDIR: state.env.HOME });
const folders = (state: StateFolder) =>
  readdirSync(state.env.HOME!).filter((name) => name.startsWith("openclaw-selftest-"));

test("selftest proves every step by a gateway of its own and leaves the user's state as it was", async () => {
  using state = makeState("{ this is broken");
  const { code, stdout, stderr } = await runOpenclaw(["selftest", "--json"], state, {
    OPENAI_API_KEY: "SEC-key",
  });
  assert.equal(code, 0, stdout + stderr);
  const { ok, steps }: SelftestReport = JSON.parse(stdout);
  assert.equal(ok, true);
  assert.deepEqual(
    steps.map(({ name }) => name),
    [
      "start",
      "message over WebSocket",
      "message over HTTP",
      "config edit, applied while it runs",
      "pairing of a device",
      "restart in its own process",
      "stop",
      "nothing left behind",
    ],
  );
  assert.match(steps[1]!.seen, /one small lobster/);
  assert.deepEqual(readdirSync(state.dir), ["openclaw.json"]);
  assert.deepEqual(folders(state), []);
});

const run = (program: readonly string[], stepMs: number, state = makeState()) => {
  using given = state;
  return runSelftest({ env: readEnv(given.env), program, stepMs, signal: new AbortController().signal });
};

test("selftest says which step failed, what the gateway printed, and the way out", async () => {
  const program = [
    "/usr/bin/env",
    "OPENCLAW_FAULT_PLAN=start.beforeListen=throw",
    process.execPath,
    LAUNCHER,
  ];
  const { ok, steps } = await run(program, 20_000);
  assert.equal(ok, false);
  const [start, ...rest] = steps;
  assert.equal(start!.outcome, "failed");
  assert.match(start!.seen, /its process ended with exit code 1/);
  assert.ok(
    start!.output!.some((line) => line.includes("failpoint start.beforeListen")),
    String(start!.output),
  );
  assert.equal(start!.fix, "openclaw doctor");
  assert.deepEqual(new Set(rest.slice(0, -1).map(({ outcome }) => outcome)), new Set(["skipped"]));
  assert.equal(rest.at(-1)!.outcome, "ok", "nothing is left behind all the same");
});

test("selftest ends a gateway that hangs", async () => {
  const { steps } = await run([process.execPath, "-e", "setInterval(() => {}, 1000)", "--"], 300);
  assert.equal(steps[0]!.outcome, "failed");
  assert.match(steps[0]!.seen, /did not happen within 300 ms/);
  assert.equal(steps.at(-1)!.outcome, "ok");
});

test("Ctrl-C ends a selftest and what it has started", async () => {
  using state = makeState();
  await using running = spawnOpenclaw(["selftest"], state, own(state));
  await running.printed(/ok .* start: process \d+/);
  assert.equal(folders(state).length, 1);
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  assert.equal(code, 1);
  assert.match(stderr, /^selftest stopped/);
  assert.deepEqual(folders(state), []);
});

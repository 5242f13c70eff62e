import assert from "node:assert/strict";
import { test } from "node:test";
import { commandHelp } from "../../src/cli/command-help.ts";
import { COMMANDS } from "../../src/cli/commands.gen.ts";
import { groupHelp } from "../../src/cli/group-help.ts";
import { runs } from "../kit/long.ts";
import { runOpenclaw } from "../kit/process.ts";
import { makeState } from "../kit/state.ts";

/** By the real program for one in so many; the others are the same few lines of it. */
const BY_PROGRAM = runs(10, 1);

for (const [at, entry] of COMMANDS.entries()) {
  const { words, summary, group } = entry;
  test(`openclaw ${words.join(" ")} --help explains itself and exits 0`, async () => {
    const stdout = entry.group
      ? groupHelp(COMMANDS, entry)
      : commandHelp((await entry.load()).default, words);
    if (at % BY_PROGRAM === 0) {
      using state = makeState();
      const ended = await runOpenclaw([...words, "--help"], state);
      assert.deepEqual([ended.code, ended.stderr], [0, ""]);
      assert.equal(ended.stdout, `${stdout}\n`);
    }
    assert.ok(stdout.startsWith(`${summary}\n\nUsage: openclaw ${words.join(" ")} `), stdout);
    assert.match(stdout, group ? /\nCommands:\n/ : /\nOptions of every command: openclaw --help$/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 110, `too long for a terminal: ${line}`);
  });
}

test("openclaw alone, --help, -h and help all list every command", async () => {
  using state = makeState();
  const [alone, ...others] = await Promise.all(
    [[], ["--help"], ["-h"], ["help"]].map((args) => runOpenclaw(args, state)),
  );
  assert.equal(alone!.code, 0);
  for (const { words, summary } of COMMANDS) {
    if (words.length === 1) assert.ok(alone!.stdout.includes(summary), words.join(" "));
  }
  for (const other of others) assert.deepEqual(other, alone);
});

test("help works although the environment is broken", async () => {
  using state = makeState();
  const { code } = await runOpenclaw(["status", "--help"], state, { OPENCLAW_GATEWAY_PORT: "abc" });
  assert.equal(code, 0);
});

for (const option of ["--version", "-V"]) {
  test(`openclaw ${option} prints product, version and commit`, async () => {
    using state = makeState();
    const { code, stdout } = await runOpenclaw([option], state);
    assert.equal(code, 0);
    assert.match(stdout, /^OpenClaw \d{4}\.\d+\.\d+ \(\w+\)\n$/);
  });
}

test("openclaw --version --verbose says which program and which Node", async () => {
  using state = makeState();
  const { stdout } = await runOpenclaw(["--version", "--verbose"], state);
  assert.match(stdout, /\nprogram {2}\/.*openclaw\.cjs\nnode {5}v\d+\.\S+ \//);
});

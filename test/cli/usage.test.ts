import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { runOpenclaw } from "../kit/process.ts";
import { makeState } from "../kit/state.ts";

const WRONG = [
  { args: ["statsu"], says: `unknown command "statsu" — did you mean "status"?`, see: "openclaw --help" },
  {
    args: ["gateway", "stauts"],
    says: `unknown command "gateway stauts" — did you mean "gateway status"?`,
    see: "openclaw gateway --help",
  },
  { args: ["--bogus"], says: "unknown option --bogus", see: "openclaw --help" },
  {
    args: ["status", "--jsno"],
    says: `unknown option --jsno for "status" — did you mean --json?`,
    see: "openclaw status --help",
  },
  {
    args: ["gateway", "--prot", "3000"],
    says: `unknown option --prot for "gateway run" — did you mean --port?`,
    see: "openclaw gateway run --help",
  },
  {
    args: ["status", "--port", "70000"],
    says: `bad value "70000" for --port: expected a whole number from 1 to 65535`,
    see: "openclaw status --help",
  },
  { args: ["agent"], says: `missing option --message for "agent"`, see: "openclaw agent --help" },
  {
    args: ["config", "get"],
    says: `missing argument <path> for "config get"`,
    see: "openclaw config get --help",
  },
  { args: ["--profile"], says: "--profile needs a value", see: "openclaw --help" },
] as const;

for (const { args, says, see } of WRONG) {
  test(`openclaw ${args.join(" ")}: one clear line, where to read on, exit 2`, async () => {
    using state = makeState();
    const { code, stdout, stderr } = await runOpenclaw(args, state);
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 2, stdout: "", stderr: `openclaw: ${says}\nsee: ${see}\n` },
    );
    assert.equal(existsSync(state.dir), false, "wrong usage leaves nothing behind");
  });
}

test("what was typed cannot steer the terminal", async () => {
  using state = makeState();
  const { stderr } = await runOpenclaw(["\u001b[2Jstatus"], state);
  assert.doesNotMatch(stderr, /\u001b/);
});

test("a profile name that is none is wrong usage", async () => {
  using state = makeState();
  const { code, stderr } = await runOpenclaw(["--profile", "../etc", "status"], state);
  assert.equal(code, 2);
  assert.match(stderr, /is not a profile name/);
});

test("a broken environment variable is named, exit 78", async () => {
  using state = makeState();
  const { code, stderr } = await runOpenclaw(["status"], state, { OPENCLAW_GATEWAY_PORT: "abc" });
  assert.equal(code, 78);
  assert.match(stderr, /OPENCLAW_GATEWAY_PORT="abc" is not a port number/);
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { runOpenclaw } from "../kit/process.ts";
import { makeState } from "../kit/state.ts";

const SYNTAX = `{
  // half an edit
  "gateway": {
    "mode": "local",,
  }
}
`;
const KEYS = `{
  "gateway": { "mode": "local", "prot": 1 },
  "bogus": true
}
`;

const COMMANDS = [
  "status",
  "health",
  "gateway run",
  "start",
  "config get gateway.port",
  "dashboard",
  "models status",
];

for (const command of COMMANDS) {
  test(`[config-syntaxerror] [config-invalid-at] ${command}: file, line, column, fix, exit 78; the file is untouched`, async () => {
    using state = makeState(SYNTAX);
    const { code, stderr } = await runOpenclaw(command.split(" "), state);
    assert.equal(code, 78);
    assert.ok(
      stderr.startsWith(`Invalid config at ${state.configPath}:4:21 — SyntaxError in config: `),
      stderr,
    );
    assert.match(stderr, /\n {2}fix: openclaw config validate\n$/);
    assert.equal(readFileSync(state.configPath, "utf8"), SYNTAX);
    assert.deepEqual(
      readdirSync(state.dir).filter((name) => name.startsWith("openclaw.json")),
      ["openclaw.json"],
    );
  });
}

test("[config-invalid-at] config validate lists every problem with its place, exit 1", async () => {
  using state = makeState(KEYS);
  const { code, stdout, stderr } = await runOpenclaw(["config", "validate"], state);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^Invalid config at .*openclaw\.json:2:33\n/);
  assert.match(stderr, /gateway: Unrecognized key: "prot" — did you mean "port"\? \(line 2, column 33\)/);
  assert.match(stderr, /<root>: Unrecognized key: "bogus" \(line 3, column 3\)/);
});

test("config validate --json has the issues as data", async () => {
  using state = makeState(KEYS);
  const { code, stdout } = await runOpenclaw(["config", "validate", "--json"], state);
  const { ok, valid, path, issues } = JSON.parse(stdout);
  assert.deepEqual([code, ok, valid, path, issues.length], [1, false, false, state.configPath, 2]);
});

test("[start-mode-unset-will-be-blocked] config validate warns about a missing mode, exit 0", async () => {
  using state = makeState("{}");
  const { code, stdout, stderr } = await runOpenclaw(["config", "validate"], state);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: `Config valid: ${state.configPath}\n` });
  assert.match(stderr, /gateway\.mode unset — gateway start will be blocked/);
});

test("gateway status shows what it can and exits 0", async () => {
  using state = makeState(SYNTAX);
  const { code, stdout, stderr } = await runOpenclaw(["gateway", "status"], state);
  assert.equal(code, 0);
  assert.match(stdout, /^Runtime: stopped\nConnectivity probe: skipped\n/);
  assert.match(stdout, /^Config \(cli\): .*openclaw\.json \(broken\)$/m);
  assert.match(stderr, /Invalid config at/);
});

test("logs are shown all the same", async () => {
  using state = makeState(SYNTAX);
  assert.equal((await runOpenclaw(["logs"], state)).code, 0);
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { runOpenclaw } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";

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

const LOOK = "openclaw config validate";
const REPAIR = "openclaw doctor --fix";
const COMMANDS = [
  { command: "status", fix: LOOK },
  { command: "health", fix: LOOK },
  { command: "gateway run", fix: REPAIR },
  { command: "start", fix: REPAIR },
  { command: "config get gateway.port", fix: LOOK },
  { command: "dashboard", fix: LOOK },
  { command: "models status", fix: LOOK },
];

for (const { command, fix } of COMMANDS) {
  test(`[config-syntaxerror] [config-invalid-at] ${command}: file, line, column, fix, exit 78; the file is untouched`, async () => {
    using state = makeState(SYNTAX);
    const { code, stderr } = await runHere(command.split(" "), state);
    assert.equal(code, 78);
    assert.ok(
      stderr.startsWith(`Invalid config at ${state.configPath}:4:21 — SyntaxError in config: `),
      stderr,
    );
    assert.ok(stderr.endsWith(`\n  fix: ${fix}\n`), stderr);
    assert.equal(readFileSync(state.configPath, "utf8"), SYNTAX);
    assert.deepEqual(
      readdirSync(state.dir).filter((name) => name.startsWith("openclaw.json")),
      ["openclaw.json"],
    );
  });
}

test("[config-invalid-at] config validate lists every problem with its place, exit 1", async () => {
  using state = makeState(KEYS);
  const { code, stdout, stderr } = await runHere(["config", "validate"], state);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^Invalid config at .*openclaw\.json:2:33\n/);
  assert.match(stderr, /gateway: Unrecognized key: "prot" — did you mean "port"\? \(line 2, column 33\)/);
  assert.match(stderr, /<root>: Unrecognized key: "bogus" \(line 3, column 3\)/);
});

test("config validate --json has the issues as data", async () => {
  using state = makeState(KEYS);
  const { code, stdout } = await runHere(["config", "validate", "--json"], state);
  const { ok, valid, path, issues } = JSON.parse(stdout);
  assert.deepEqual([code, ok, valid, path, issues.length], [1, false, false, state.configPath, 2]);
});

test("[start-mode-unset-will-be-blocked] config validate warns about a missing mode, exit 0", async () => {
  using state = makeState("{}");
  const { code, stdout, stderr } = await runHere(["config", "validate"], state);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: `Config valid: ${state.configPath}\n` });
  assert.match(stderr, /gateway\.mode unset — gateway start will be blocked/);
});

test("gateway status shows what it can and exits 0", async () => {
  using state = makeState(SYNTAX);
  const { code, stdout, stderr } = await runHere(["gateway", "status"], state);
  assert.equal(code, 0);
  assert.match(stdout, /^Runtime: stopped\nConnectivity probe: skipped\n/);
  assert.match(stdout, /^Config \(cli\): .*openclaw\.json \(broken\)$/m);
  assert.match(stderr, /Invalid config at/);
});

test("logs are shown all the same", async () => {
  using state = makeState(SYNTAX);
  assert.equal((await runHere(["logs"], state)).code, 0);
});

for (const command of ["gateway run", "start"]) {
  test(`[R10] ${command} with a config that was good once: the difference without secrets, one command that repairs it`, async () => {
    using state = makeState(localConfig(18800));
    const good = readFileSync(state.configPath, "utf8");
    writeFileSync(`${state.configPath}.last-good`, good);
    const broken = good
      .replace('"port": 18800', '"port": "18800')
      .replace(TOKEN, "SEC-changed-3f9a1c77")
      .replace(/\}\s*$/, "");
    state.write(broken);
    const { code, stdout, stderr } = await runHere(command.split(" "), state);
    assert.equal(code, 78);
    assert.match(stderr, /^Invalid config at \S+openclaw\.json:\d+:\d+ — SyntaxError in config: /);
    assert.match(
      stderr,
      /\nSince the gateway last ran with it:\n {2}@@ [\s\S]*^ {2}-.*18800,$[\s\S]*^ {2}\+.*18800/m,
    );
    assert.ok(stderr.endsWith("\n  fix: openclaw doctor --fix\n"), stderr);
    for (const secret of [TOKEN, "SEC-changed-3f9a1c77"]) assert.ok(!`${stdout}${stderr}`.includes(secret));
    assert.equal(readFileSync(state.configPath, "utf8"), broken);
    assert.equal(readFileSync(`${state.configPath}.last-good`, "utf8"), good);
  });
}

test("[R10] the difference is at most twenty lines, and there is none where nothing has changed", async () => {
  using state = makeState(SYNTAX);
  writeFileSync(
    `${state.configPath}.last-good`,
    JSON.stringify({ ui: Array.from({ length: 100 }, (_, i) => i) }, null, 1),
  );
  const long = await runOpenclaw(["gateway", "run"], state);
  const [, after] = long.stderr.split("Since the gateway last ran with it:\n");
  const lines = after!.trimEnd().split("\n").slice(0, -1);
  assert.equal(lines.length, 20);
  assert.match(lines.at(-1)!, /… and \d+ lines more$/);
  writeFileSync(`${state.configPath}.last-good`, SYNTAX);
  assert.doesNotMatch((await runOpenclaw(["gateway", "run"], state)).stderr, /Since the gateway/);
});

test("[R10] a broken included file is named, with its own difference", async () => {
  using state = makeState('{ gateway: { $include: "./gateway.json5" } }');
  const included = join(state.dir, "gateway.json5");
  writeFileSync(included, "{ mode: 'local', port: 18800 }\n");
  // A command leaves the versions a gateway would leave.
  assert.equal((await runHere(["config", "set", "gateway.port", "18801"], state)).code, 0);
  writeFileSync(`${state.configPath}.last-good`, readFileSync(state.configPath));
  writeFileSync(included, "{ mode: 'local', port: }\n");
  const { code, stderr } = await runOpenclaw(["gateway", "run"], state);
  assert.equal(code, 78);
  assert.match(stderr, /^Invalid config at \S+gateway\.json5:1:\d+ — SyntaxError in config: /);
  assert.match(stderr, /^ {2}\+\+\+ gateway\.json5\n[\s\S]*^ {2}-\{ mode: 'local', port: 18801 \}$/m);
});

test("[R10] a start with a broken config fails within a second, or on a busy machine little after --version", async () => {
  using state = makeState(SYNTAX);
  writeFileSync(`${state.configPath}.last-good`, SYNTAX.replace(",,", ","));
  const best = async (args: string[], code: number) => {
    const times: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const start = performance.now();
      assert.equal((await runHere(args, state)).code, code);
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  };
  const bare = await best(["--version"], 0);
  const broken = await best(["gateway", "run"], 78);
  assert.ok(broken < Math.max(1_000, bare * 8), `${broken} ms beside ${bare} ms`);
});

test("[config-invalid-at] config validate names the repair where there is something to go back to", async () => {
  using state = makeState(SYNTAX);
  const alone = await runHere(["config", "validate"], state);
  assert.match(alone.stderr, /fix: "\$\{EDITOR:-vi\}" \S+openclaw\.json$/m);
  writeFileSync(`${state.configPath}.last-good`, SYNTAX.replace(",,", ","));
  const { stderr } = await runHere(["config", "validate"], state);
  assert.match(stderr, /^ {2}fix: openclaw doctor --fix$/m);
});

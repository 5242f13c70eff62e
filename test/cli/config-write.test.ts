import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { type Ended, LAUNCHER } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";

const config = (state: StateFolder, ...args: string[]): Promise<Ended> => runHere(["config", ...args], state);
const text = (state: StateFolder) => readFileSync(state.configPath, "utf8");

const COMMENTED = `{
  // who may use it
  gateway: { mode: 'local', port: 18800, auth: { token: '${TOKEN}' } },
  ui: { notes: "${"what somebody has written down ".repeat(12)}" },
  meta: { lastTouchedVersion: '2026.1.1' },
}
`;
const REJECTED =
  /^Config write rejected: (\S+openclaw\.json) \((\S+)\)\. Rejected payload saved to (\S+openclaw\.json\.rejected\.\d{4}-\d{2}-\d{2}T[\d-]+Z)\.\n/;

function withInput(state: StateFolder, input: string, ...args: string[]): Promise<{ code: number | null }> {
  const child = spawn(process.execPath, [LAUNCHER, "config", ...args], {
    env: state.env,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code })));
}

const LOSSES = [
  {
    ids: "[config-reason-mode-missing]",
    args: ["unset", "gateway.mode"],
    reason: /^gateway-mode-missing-vs-last-good$/,
  },
  {
    ids: "[config-reason-mode-missing]",
    args: ["patch", "{ gateway: { mode: null } }"],
    reason: /^gateway-mode-missing-vs-last-good$/,
  },
  {
    ids: "[config-reason-size-drop]",
    args: ["patch", "{ ui: null }"],
    reason: /^size-drop-vs-last-good:\d+->\d+$/,
  },
  {
    ids: "[config-reason-missing-meta]",
    args: ["patch", "{ meta: null }"],
    reason: /^missing-meta-vs-last-good$/,
  },
];
for (const { ids, args, reason } of LOSSES) {
  test(`[config-write-rejected] [config-file-rejected] ${ids} config ${args.join(" ")}: exit 1, the file untouched, the text saved`, async () => {
    using state = makeState(COMMENTED);
    const { code, stdout, stderr } = await config(state, ...args);
    assert.deepEqual([code, stdout], [1, ""]);
    const [, path, why, saved] = REJECTED.exec(stderr)!;
    assert.equal(path, state.configPath);
    assert.match(why!, reason);
    assert.equal(statSync(saved!).mode & 0o777, 0o600);
    assert.equal(text(state), COMMENTED);
    const fix = /\n {2}fix: openclaw (.*)\n$/.exec(stderr)![1]!;
    assert.equal((await runHere(fix.split(" "), state)).code, 0, "the fix is a command that works");
  });
}

test("[config-write-rejected] [config-reason-missing-meta] config apply of next to nothing is refused, --force writes it", async () => {
  using state = makeState(COMMENTED);
  const file = join(state.dir, "new.json5");
  writeFileSync(file, "{ gateway: { mode: 'local' } } // mine\n");
  const { code, stderr } = await config(state, "apply", file);
  assert.equal(code, 1);
  assert.equal(REJECTED.exec(stderr)![2], "missing-meta-vs-last-good");
  assert.equal(text(state), COMMENTED);
  assert.equal((await config(state, "apply", file, "--force")).code, 0);
  assert.match(text(state), /^\{ gateway: \{ mode: 'local' \}, meta: .* \/\/ mine\n$/);
});

test("[CONF-08] config apply: from a file or stdin, comments stay, redacted secrets keep what is stored", async () => {
  using state = makeState(COMMENTED);
  const next = COMMENTED.replace("18800", "18801").replace(TOKEN, "__OPENCLAW_REDACTED__");
  assert.equal((await withInput(state, next, "apply", "-")).code, 0);
  assert.match(text(state), /\/\/ who may use it\n/);
  assert.equal((await config(state, "get", "gateway.port")).stdout, "18801\n");
  assert.equal((await config(state, "get", "gateway.auth.token")).stdout, `${TOKEN}\n`);
  const { code, stderr } = await config(state, "apply", join(state.dir, "none.json"));
  assert.equal(code, 1);
  assert.match(stderr, /none\.json cannot be read: ENOENT/);
});

test("[config-syntaxerror] config apply repairs a broken file", async () => {
  using state = makeState("{ broken");
  const file = join(state.dir, "new.json5");
  writeFileSync(file, COMMENTED);
  assert.equal((await config(state, "apply", file)).code, 0);
  assert.equal((await config(state, "validate")).code, 0);
  assert.equal((await config(state, "diff")).stdout.includes("-{ broken"), true);
});

test("config patch merges, deletes with null, and tells what is needed to apply it", async () => {
  using state = makeState(COMMENTED);
  const { code, stdout } = await config(state, "patch", "{ gateway: { trustedProxies: ['10.0.0.1'] } }");
  assert.equal(code, 0);
  assert.equal(stdout, "Updated gateway.trustedProxies. Change will apply without restarting the gateway.\n");
  const file = join(state.dir, "patch.json5");
  writeFileSync(file, "{ gateway: { port: null } } // back to the usual one");
  const second = await config(state, "patch", "--file", file);
  assert.equal(second.stdout, "Updated gateway.port. Restart the gateway to apply.\n");
  assert.match(text(state), /\/\/ who may use it\n/);
  const again = await config(state, "patch", "--file", file);
  assert.match(again.stdout, /^Nothing to change: /);
});

const WRONG = [
  { args: ["patch"], code: 2, says: /missing argument <patch>/ },
  { args: ["patch", "{}", "--file", "x"], code: 2, says: /not both/ },
  { args: ["patch", "[1]"], code: 1, says: /expected an object/ },
  { args: ["patch", "{ gateway: "], code: 1, says: /SyntaxError: .*line 1/ },
  { args: ["patch", "{ gateway: { prot: 1 } }"], code: 1, says: /did you mean "port"\?/ },
  { args: ["patch", '{"__proto__": {"x": 1}}'], code: 1, says: /Reserved key/ },
  { args: ["patch", "{ meta: { lastTouchedVersion: '1' } }"], code: 1, says: /cannot be set/ },
  {
    args: ["patch", "{ gateway: { auth: { password: '***' } } }"],
    code: 1,
    says: /redacted secret placeholder/,
  },
  { args: ["set"], code: 2, says: /missing argument <path> for "config set"/ },
  { args: ["set", "gateway.port"], code: 2, says: /missing argument <value> for "config set"/ },
  { args: ["set", "gateway.port", "--batch-file", "x"], code: 2, says: /not both/ },
  { args: ["apply"], code: 2, says: /missing argument <file>/ },
];
for (const { args, code, says } of WRONG) {
  test(`config ${args.join(" ")} is refused and changes nothing`, async () => {
    using state = makeState(COMMENTED);
    const ended = await config(state, ...args);
    assert.deepEqual([ended.code, ended.stdout], [code, ""], ended.stderr);
    assert.match(ended.stderr, says);
    assert.equal(text(state), COMMENTED);
  });
}

test("config set --batch-file sets all of it or nothing", async () => {
  using state = makeState(COMMENTED);
  const file = join(state.dir, "batch.json5");
  writeFileSync(file, "[{ path: 'gateway.port', value: 18802 }, { path: 'logging.level', value: 'loud' }]");
  const refused = await config(state, "set", "--batch-file", file);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Config validation failed: logging\.level/);
  assert.equal(text(state), COMMENTED);
  writeFileSync(file, "[{ path: 'gateway.port', value: 18802 }, { path: 'logging.level', value: 'warn' }]");
  const { stdout } = await config(state, "set", "--batch-file", file);
  assert.equal(stdout, "Updated gateway.port, logging.level. Restart the gateway to apply.\n");
  assert.match((await config(state, "history")).stdout, /^\* 2 .* openclaw config set --batch-file\n/);
  writeFileSync(file, "[{ path: 'gateway.port' }]");
  assert.match(
    (await config(state, "set", "--batch-file", file)).stderr,
    /entry 1: expected \{ path, value \}/,
  );
});

test("a dry run shows the difference and the reload plan, and leaves nothing behind", async () => {
  using state = makeState(localConfig(18800));
  const before = text(state);
  const patch = "{ gateway: { port: 1, auth: { token: 'another-secret-1' } }, ui: { x: 1 } }";
  const { code, stdout, stderr } = await config(state, "patch", patch, "--dry-run");
  assert.equal(code, 0);
  assert.match(stdout, /^@@ [\s\S]*^-.*18800/m);
  assert.ok(!stdout.includes("another-secret-1") && !stdout.includes(TOKEN), stdout);
  assert.deepEqual(stderr.trimEnd().split("\n"), [
    "applies while the gateway runs: gateway.auth.token",
    "restarts the gateway: gateway.port",
    "without effect on a running gateway: ui.x",
    "Nothing was written: this was a dry run.",
  ]);
  const json = JSON.parse((await config(state, "patch", patch, "--dry-run", "--json")).stdout);
  assert.deepEqual(json.plan.restart, ["gateway.port"]);
  assert.equal((await config(state, "set", "gateway.port", "99999", "--dry-run")).code, 1);
  assert.match(
    (await config(state, "patch", "{ gateway: null }", "--dry-run")).stderr,
    /missing-vs-last-good\)\.\n/,
  );
  assert.equal(text(state), before);
  assert.deepEqual(readdirSync(state.dir), ["openclaw.json"]);
});

test("[config-invalid-at] two mistakes are repaired one at a time", async () => {
  using state = makeState(`{
  // mine
  gateway: { mode: 'local', prot: 1 },
  bogus: true,
}
`);
  const worse = await config(state, "set", "gateway.pots", "1");
  assert.equal(worse.code, 1);
  const first = await config(state, "unset", "gateway.prot");
  assert.deepEqual([first.code, first.stdout], [0, "Removed gateway.prot.\n"]);
  assert.match(first.stderr, /^Still wrong with the config:\n {2}<root>: Unrecognized key: "bogus"/);
  const second = await config(state, "unset", "bogus");
  assert.deepEqual([second.code, second.stderr], [0, ""]);
  assert.equal((await config(state, "validate")).code, 0);
  assert.match(text(state), /\/\/ mine\n/);
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeState } from "../../test/kit/state.ts";
import { readEnv } from "../platform/env.ts";
import { Fault, faultLines } from "../platform/fault.ts";
import { sha256Hex } from "../platform/files.ts";
import { resolvePaths } from "../platform/paths.ts";
import { InvalidConfig } from "./invalid.ts";
import { checkConfig, type LoadInput, loadConfig } from "./load.ts";

function tempConfig(config?: unknown, variables: NodeJS.ProcessEnv = {}) {
  const state = makeState(config);
  const env = readEnv({ ...state.env, ...variables });
  const input: LoadInput = { paths: resolvePaths(env), env };
  return { ...state, input, load: (extra: Partial<LoadInput> = {}) => loadConfig({ ...input, ...extra }) };
}

const ref = (name: string) => `\${${name}}`;

test("without a file the config is empty, and stays without a file", async () => {
  using state = tempConfig(undefined, { OPENCLAW_GATEWAY_PORT: "3002" });
  const { filesHash, ...loaded } = await state.load();
  assert.match(filesHash, /^[0-9a-f]{64}$/);
  assert.deepEqual(loaded, {
    path: state.configPath,
    exists: false,
    raw: undefined,
    hash: "",
    config: { gateway: { port: 3002 } },
    source: {},
    notices: [],
    envPaths: ["gateway.port"],
    olderPaths: [],
    files: [state.configPath],
  });
  assert.ok(!existsSync(state.configPath));
});

test("loads a JSON5 file with includes, variables and older words, and tells what it did", async () => {
  const text = `{
    // hand-written
    gateway: { mode: "hybrid", port: "${ref("PORT")}", auth: { $include: "./auth.json5" } },
    agents: { defaults: { workspace: "~/files" }, list: [{ id: "a", workspace: "rel" }] },
    wizard: {}, ui: {},
  }`;
  using state = tempConfig(text, { PORT: "4000", TOKEN_A: "tok" });
  writeFileSync(join(state.dir, "auth.json5"), `{ token: "${ref("TOKEN_A")}" }`);
  const loaded = await state.load();
  assert.deepEqual(loaded.config, {
    gateway: { mode: "local", bind: "lan", port: 4000, auth: { token: "tok" } },
    agents: {
      defaults: { workspace: join(state.input.env.home, "files") },
      list: [{ id: "a", workspace: join(state.dir, "rel") }],
    },
    wizard: {},
    ui: {},
  });
  assert.equal(loaded.raw, text);
  assert.equal(loaded.hash, sha256Hex(text));
  assert.deepEqual(loaded.files, [state.configPath, join(state.dir, "auth.json5")]);
  assert.deepEqual(loaded.olderPaths, ["gateway.mode"]);
  assert.deepEqual(loaded.notices, [
    'gateway.mode "hybrid" is read as gateway.mode=local with gateway.bind=lan',
    "not used by this version: ui, wizard",
  ]);
});

const INVALID: [string, string, string, string[]][] = [
  [
    "an unknown root key",
    '{\n  "bogus": 1\n}',
    ":2:3",
    ['<root>: Unrecognized key: "bogus" (line 2, column 3)'],
  ],
  [
    "a port that is a word",
    '{"gateway": {\n  "mode": "local",\n  "port": "abc" } }',
    ":3:3",
    ['gateway.port: Invalid type: expected a whole number from 1 to 65535, got "abc" (line 3, column 3)'],
  ],
  [
    "two problems in JSON5",
    "{\n  gateway: {\n    prot: 1, // typo\n    auth: { mode: 'tokn' },\n  },\n}",
    ":3:5",
    [
      'gateway: Unrecognized key: "prot" — did you mean "port"? (line 3, column 5)',
      'gateway.auth.mode: Invalid value: expected one of "none", "token", "password", "trusted-proxy" (did you mean "token"?), got "tokn" (line 4, column 13)',
    ],
  ],
  [
    "a list instead of an object",
    "[]",
    ":1:1",
    ["<root>: Invalid type: expected an object { … } (line 1, column 1)"],
  ],
];
for (const [name, text, place, lines] of INVALID) {
  test(`[config-invalid-at] ${name} is refused with its place, and the file is untouched`, async () => {
    using state = tempConfig(text);
    const before = statSync(state.configPath).mtimeMs;
    await assert.rejects(state.load(), (error) => {
      assert.ok(error instanceof InvalidConfig);
      assert.deepEqual(faultLines(error), [
        `Invalid config at ${state.configPath}${place}`,
        ...lines,
        "  fix: openclaw config validate",
      ]);
      assert.equal(error.exitCode, 78);
      return true;
    });
    assert.equal(readFileSync(state.configPath, "utf8"), text);
    assert.equal(statSync(state.configPath).mtimeMs, before);
  });
}

test("[config-invalid-at] a problem in an included file names that file", async () => {
  using state = tempConfig('{"gateway": {"$include": "g.json", "port": 1}}');
  const included = join(state.dir, "g.json");
  writeFileSync(included, '{\n  "prot": 1\n}');
  await assert.rejects(state.load(), (error) => {
    assert.ok(error instanceof InvalidConfig);
    assert.equal(error.message, `Invalid config at ${included}:2:3`);
    assert.equal(error.issues[0]!.file, included);
    return true;
  });
});

test("more than twenty problems are counted, not listed", async () => {
  using state = tempConfig({ gateway: { extraPorts: Array(16).fill(0), trustedProxies: Array(16).fill(0) } });
  await assert.rejects(state.load(), (error) => {
    assert.ok(error instanceof InvalidConfig);
    assert.equal(error.lines.length, 21);
    assert.equal(error.lines.at(-1), "… and 12 more");
    assert.equal(error.issues.length, 32);
    return true;
  });
});

test("an unset variable stops a start with its name and place; those who look get a notice", async () => {
  using state = tempConfig(`{"gateway": {\n "mode": "local", "auth": {"token": "${ref("NOPE")}"}}}`);
  await assert.rejects(state.load(), (error) => {
    assert.ok(error instanceof InvalidConfig);
    assert.match(error.message, /openclaw\.json:2:28$/);
    assert.match(error.lines[0]!, /^gateway\.auth\.token: Environment variable NOPE is not set/);
    assert.match(error.why!, /^Set NOPE /);
    return true;
  });
  const { config, notices } = await state.load({ purpose: "look" });
  assert.deepEqual(config, { gateway: { mode: "local", auth: {} } });
  assert.deepEqual(notices, ["Environment variable NOPE is not set: gateway.auth.token is left out"]);
});

test("[config-legacy-gateway-token] a hand-written gateway.token is used, with the notice people search for", async () => {
  using state = tempConfig({ gateway: { mode: "local", token: "old" } });
  const { config, notices, olderPaths } = await state.load();
  assert.equal(config.gateway?.auth?.token, "old");
  assert.deepEqual(notices, ['Found "gateway.token" in config. Use "gateway.auth.token" instead.']);
  assert.deepEqual(olderPaths, ["gateway.token"]);
});

test("[config-permission-denied] a file that may not be read is one refusal with owner and fix", {
  skip: process.getuid?.() !== 0,
}, async () => {
  using state = tempConfig({});
  for (const dir of [state.input.env.home, state.dir]) chmodSync(dir, 0o755);
  // Another uid, in a process of its own: root may read everything.
  const script = `
    import { loadConfig } from ${JSON.stringify(import.meta.resolve("./load.ts"))};
    import { faultLines } from ${JSON.stringify(import.meta.resolve("../platform/fault.ts"))};
    import { readEnv } from ${JSON.stringify(import.meta.resolve("../platform/env.ts"))};
    import { resolvePaths } from ${JSON.stringify(import.meta.resolve("../platform/paths.ts"))};
    process.setuid(65534);
    const env = readEnv(process.env);
    await loadConfig({ paths: resolvePaths(env), env }).catch((error) => console.log([...faultLines(error), error.exitCode].join("\\n")));
  `;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    env: state.env,
    encoding: "utf8",
  });
  const [first, why, fix, code] = out.trim().split("\n");
  assert.equal(first, `EACCES: permission denied, open '${state.configPath}'`);
  assert.match(why!, /uid 65534\) and may not use .* belongs to uid 0 with mode 0600/);
  assert.match(fix!, /fix: sudo chown -R \$\(whoami\) \/.*\/\.openclaw &&/);
  assert.equal(code, "78");
});

test("[FILE-12] what is no regular file is refused at once, a pipe too", async () => {
  using state = tempConfig();
  mkdirSync(state.configPath, { recursive: true });
  await assert.rejects(
    state.load(),
    (error) => error instanceof Fault && /it is not a regular file/.test(error.message),
  );
  rmSync(state.configPath, { recursive: true });
  execFileSync("mkfifo", [state.configPath]);
  await assert.rejects(state.load(), /it is not a regular file/);
  rmSync(state.configPath);
  writeFileSync(state.configPath, " ".repeat(4_000_001));
  await assert.rejects(state.load(), /it is larger than 4 MB/);
});

test("checking lists the problems instead of throwing", async () => {
  using good = tempConfig({ gateway: { mode: "local" } });
  using bad = tempConfig({ gateway: { bogus: 1 } });
  using broken = tempConfig("{");
  assert.equal((await checkConfig(good.input)).ok, true);
  for (const { input } of [bad, broken]) {
    const checked = await checkConfig(input);
    assert.ok(!checked.ok);
    assert.equal(checked.fault.exitCode, 78);
    assert.equal(checked.issues.length, 1);
    assert.equal(typeof checked.issues[0]!.line, "number");
  }
});

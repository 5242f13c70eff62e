import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { makeState } from "../../test/kit/state.ts";
import { readEnv } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { resolvePaths } from "../platform/paths.ts";
import { configVersions } from "./history.ts";
import { InvalidConfig } from "./invalid.ts";
import { parsePath } from "./path.ts";
import { createConfig, updateConfig } from "./store.ts";

const VERSION = "2026.11.1";
const AUTHOR = { kind: "cli" } as const;
const STAMP = `"lastTouchedVersion": "${VERSION}",\n    "lastTouchedAt": "2026-01-05T12:00:00.000Z"`;

function tempConfig(config?: unknown, variables: NodeJS.ProcessEnv = {}) {
  const state = makeState(config);
  const env = readEnv({ ...state.env, ...variables });
  const input = {
    paths: resolvePaths(env),
    env,
    version: VERSION,
    author: AUTHOR,
    command: "test",
    clock: handClock(),
  };
  return {
    ...state,
    input,
    text: () => readFileSync(state.configPath, "utf8"),
    /** Undefined as a value takes the key away. */
    update: (edits: Record<string, unknown>) =>
      updateConfig({
        ...input,
        edits: Object.entries(edits).map(([path, value]) => ({ path: parsePath(path), value })),
      }),
  };
}

test("the first config is made with its stamp, 0600, and only once", async () => {
  using state = tempConfig();
  const value = { gateway: { mode: "local", auth: { token: "t" } } };
  const loaded = await createConfig({ ...state.input, value });
  assert.equal(loaded.config.gateway?.auth?.token, "t");
  assert.deepEqual(JSON.parse(state.text()), {
    ...value,
    meta: { lastTouchedVersion: VERSION, lastTouchedAt: "2026-01-05T12:00:00.000Z" },
  });
  assert.equal(statSync(state.configPath).mode & 0o777, 0o600);
  assert.equal(statSync(state.dir).mode & 0o777, 0o700);
  const before = state.text();
  await assert.rejects(createConfig({ ...state.input, value: {} }), /There is a config already/);
  assert.equal(state.text(), before);
});

test("a first config that is not valid is not written", async () => {
  using state = tempConfig();
  await assert.rejects(
    createConfig({ ...state.input, value: { bogus: 1 } }),
    /Config validation failed: <root>: Unrecognized key/,
  );
  assert.ok(!existsSync(state.configPath));
});

test("a change touches the edited values and the stamp, nothing else", async () => {
  const text = `{
  // mine
  gateway: { mode: 'local', port: 1 }, // keep

  meta: {
    "lastTouchedVersion": "2026.1.1",
    "lastTouchedAt": "x"
  },
}
`;
  using state = tempConfig(text);
  const { kind, loaded } = await state.update({ "gateway.port": 3002, "gateway.bind": "lan" });
  assert.equal(kind, "written");
  assert.equal(loaded.config.gateway?.port, 3002);
  assert.equal(
    state.text(),
    text.replace("port: 1 }", "port: 3002, bind: 'lan' }").replace(/"lastTouchedVersion"[^}]*"x"/, STAMP),
  );
  assert.equal(loaded.raw, state.text());
  assert.deepEqual(readdirSync(state.dir), ["data", "openclaw.json"]);
});

test("a change of a file that is not there makes it", async () => {
  using state = tempConfig();
  await state.update({ "gateway.mode": "local" });
  assert.equal(
    state.text(),
    `{\n  "gateway": {\n    "mode": "local"\n  },\n  "meta": {\n    ${STAMP}\n  }\n}\n`,
  );
  assert.equal(statSync(state.configPath).mode & 0o777, 0o600);
});

test("a change that changes nothing does not touch the file", async () => {
  using state = tempConfig('{"gateway": {"mode": "local"}}');
  const before = statSync(state.configPath).mtimeMs;
  assert.equal(
    (await state.update({ "gateway.mode": "local", "gateway.port": undefined })).kind,
    "unchanged",
  );
  assert.equal(statSync(state.configPath).mtimeMs, before);
  using none = tempConfig();
  assert.equal((await none.update({ "gateway.port": undefined })).kind, "unchanged");
  assert.ok(!existsSync(none.configPath));
});

test("a key is taken away", async () => {
  using state = tempConfig('{\n  "gateway": {\n    "mode": "local",\n    "port": 1\n  }\n}\n');
  const { loaded } = await state.update({ "gateway.port": undefined });
  assert.deepEqual(loaded.config.gateway, { mode: "local" });
});

test("a link to a config kept elsewhere stays a link", async () => {
  using state = tempConfig();
  const real = join(state.dir, "elsewhere.json");
  mkdirSync(state.dir);
  writeFileSync(real, '{"gateway": {"mode": "local"}}');
  symlinkSync(real, state.configPath);
  await state.update({ "gateway.port": 1 });
  assert.ok(lstatSync(state.configPath).isSymbolicLink());
  assert.equal(JSON.parse(readFileSync(real, "utf8")).gateway.port, 1);
});

test("[CONF-05] a file that was readable by all is 0600 afterwards", async (t) => {
  using state = tempConfig('{"gateway": {"mode": "local"}}');
  const before = process.umask(0);
  t.after(() => process.umask(before));
  writeFileSync(state.configPath, state.text(), { mode: 0o666 });
  await state.update({ "gateway.port": 1 });
  assert.equal(statSync(state.configPath).mode & 0o777, 0o600);
});

const LOCAL = '{"gateway": {"mode": "local", "port": 1, "auth": {"token": "t"}}}';

const REFUSED: [string, string, Record<string, unknown>, RegExp][] = [
  [
    "an unknown key",
    LOCAL,
    { "gateway.prot": 1 },
    /^Config validation failed: gateway: Unrecognized key: "prot" — did you mean "port"\?$/,
  ],
  [
    "a port no machine has",
    LOCAL,
    { "gateway.port": 99_999 },
    /^Config validation failed: gateway\.port: .* from 1 to 65535, got 99999$/,
  ],
  [
    "a value of the wrong kind",
    LOCAL,
    { "gateway.auth": "none" },
    /^Config validation failed: gateway\.auth: .*expected an object/,
  ],
  [
    "a key below a value",
    LOCAL,
    { "gateway.port.x": 1 },
    /^Cannot set gateway\.port\.x: gateway\.port is a single value$/,
  ],
  [
    "[CONF-08] a placeholder",
    LOCAL,
    { "gateway.auth.token": "***" },
    /\(redacted secret placeholder at gateway\.auth\.token\)/,
  ],
  [
    "[CONF-08] a placeholder inside of an object",
    LOCAL,
    { "channels.telegram": { accounts: [{ botToken: "__OPENCLAW_REDACTED__" }] } },
    /\(redacted secret placeholder at channels\.telegram\.accounts\[0\]\.botToken\)/,
  ],
  [
    "[config-write-rejected] [config-reason-mode-missing] the loss of gateway.mode",
    LOCAL,
    { "gateway.mode": undefined },
    /^Config write rejected: .*openclaw\.json \(gateway-mode-missing-vs-last-good\)\. Rejected payload saved to .*openclaw\.json\.rejected\.2026-01-05T12-00-00-000Z\.$/,
  ],
  [
    "[config-write-rejected] [config-reason-mode-missing] the loss of the whole gateway section",
    LOCAL,
    { gateway: undefined },
    /\(gateway-mode-missing-vs-last-good\)\./,
  ],
  [
    "[config-newer-version-guard] a change of what a newer program wrote",
    '{"gateway": {"mode": "local"}, "meta": {"lastTouchedVersion": "2099.1.1"}}',
    { "gateway.port": 1 },
    /^Refusing to change the config because this OpenClaw binary \(2026\.11\.1\) is older than the config last written by OpenClaw 2099\.1\.1\.$/,
  ],
];
for (const [name, text, edits, message] of REFUSED) {
  test(`refuses ${name}, and the file stays byte for byte`, async () => {
    using state = tempConfig(text);
    await assert.rejects(state.update(edits), (error) => {
      assert.ok(error instanceof Fault);
      assert.match(error.message, message);
      assert.equal(error.exitCode, 1);
      assert.ok(error.fix);
      return true;
    });
    assert.equal(state.text(), text);
    assert.deepEqual(
      readdirSync(state.dir).filter((name) => !name.includes(".rejected.")),
      ["data", "openclaw.json"],
    );
    assert.deepEqual(configVersions(state.input.paths), [], "nothing was written, so there is no version");
  });
}

test("[CONF-01] a reserved key anywhere in a value is refused and pollutes nothing", async () => {
  using state = tempConfig(LOCAL);
  const value = JSON.parse('{"x": {"constructor": {"prototype": {"polluted": 1}}}}');
  await assert.rejects(
    state.update({ channels: value }),
    /Config validation failed: channels\.x\.constructor: Reserved key/,
  );
  assert.equal(state.text(), LOCAL);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test("a value without an end in sight is refused", async () => {
  using state = tempConfig(LOCAL);
  const value = JSON.parse(`${"[".repeat(30_000)}${"]".repeat(30_000)}`);
  await assert.rejects(state.update({ channels: value }), /channels: Nested deeper than 100 levels/);
  assert.equal(state.text(), LOCAL);
});

test("a broken file is not changed but explained", async () => {
  using state = tempConfig("{");
  await assert.rejects(
    state.update({ "gateway.port": 1 }),
    (error) => error instanceof InvalidConfig && error.exitCode === 78,
  );
  assert.equal(state.text(), "{");
});

test("the newer-version guard can be overridden for one command", async () => {
  const text = '{"gateway": {"mode": "local"}, "meta": {"lastTouchedVersion": "2099.1.1"}}';
  using state = tempConfig(text, { OPENCLAW_ALLOW_OLDER_BINARY_DESTRUCTIVE_ACTIONS: "1" });
  assert.equal((await state.update({ "gateway.port": 1 })).kind, "written");
});

test("an unset variable of the gateway does not stand in the way of a change", async () => {
  using state = tempConfig(`{"gateway": {"mode": "local", "auth": {"token": "\${NOPE}"}}}`);
  const { loaded } = await state.update({ "gateway.port": 1 });
  assert.match(state.text(), /"\$\{NOPE\}"/);
  assert.deepEqual(loaded.notices, ["Environment variable NOPE is not set: gateway.auth.token is left out"]);
});

test("a change made meanwhile by somebody else is kept", async () => {
  using state = tempConfig('{"gateway": {"mode": "local", "port": 1}}');
  let calls = 0;
  // The stamp is made after the file was read: the moment at which others come in between.
  const clock = {
    now() {
      if (calls++ === 0) state.write('{"gateway": {"mode": "local", "port": 7}, "cron": {}}');
      return 0;
    },
  };
  const { kind } = await updateConfig({
    ...state.input,
    clock,
    edits: [{ path: ["gateway", "bind"], value: "lan" }],
  });
  assert.equal(kind, "written");
  const { gateway, cron } = JSON.parse(state.text());
  assert.deepEqual({ gateway, cron }, { gateway: { mode: "local", port: 7, bind: "lan" }, cron: {} });
  assert.equal(calls, 2);
});

test("[CONF-03] a file that keeps changing is left to those who change it", async () => {
  using state = tempConfig('{"gateway": {"mode": "local"}}');
  let port = 0;
  const clock = {
    now() {
      state.write({ gateway: { mode: "local", port: ++port } });
      return 0;
    },
  };
  await assert.rejects(
    updateConfig({ ...state.input, clock, edits: [{ path: ["cron", "enabled"], value: false }] }),
    /config changed since last load/,
  );
  assert.deepEqual(JSON.parse(state.text()), { gateway: { mode: "local", port: 5 } });
});

test("[CONF-03] writers side by side lose none of their changes", async () => {
  using state = tempConfig('{"gateway": {"mode": "local"}}');
  const edits = {
    "gateway.port": 1,
    "cron.enabled": false,
    "session.scope": "global",
    "logging.level": "warn",
  };
  await Promise.all(Object.entries(edits).map(([path, value]) => state.update({ [path]: value })));
  const { meta, ...written } = JSON.parse(state.text());
  assert.deepEqual(written, {
    gateway: { mode: "local", port: 1 },
    cron: { enabled: false },
    session: { scope: "global" },
    logging: { level: "warn" },
  });
  assert.equal(meta.lastTouchedVersion, VERSION);
});

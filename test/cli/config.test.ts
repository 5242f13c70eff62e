import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import type { Ended } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";

const config = (state: StateFolder, ...args: string[]): Promise<Ended> => runHere(["config", ...args], state);
const text = (state: StateFolder) => readFileSync(state.configPath, "utf8");

const COMMENTED = `{
  // why this port: the other one is taken
  gateway: {
    mode: 'local', /* this machine */
    port: 18800,
  },

  "logging": { "level": "info" }
}
`;

test("config set changes one value; comments, order and layout stay", async () => {
  using state = makeState(COMMENTED);
  const { code, stdout, stderr } = await config(state, "set", "gateway.port", "18801");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.equal(stdout, "Updated gateway.port. Restart the gateway to apply.\n");
  const [before, meta] = text(state).split(/,?\s*\n.*meta/);
  assert.ok(meta?.includes("lastTouchedVersion"));
  assert.equal(before, COMMENTED.replace("18800", "18801").replace(/\s*}\s*$/, ""));
  assert.equal((await config(state, "get", "gateway.port")).stdout, "18801\n");
});

test("config set makes the file when there is none, for its owner only", async () => {
  using state = makeState();
  assert.equal((await config(state, "set", "gateway.mode", "local")).code, 0);
  assert.equal(statSync(state.configPath).mode & 0o777, 0o600);
  assert.equal((await config(state, "get", "gateway.mode")).stdout, "local\n");
});

const REFUSED = [
  { set: ["gateway.port", "70000"], says: /Config validation failed: gateway\.port/ },
  { set: ["gateway.prot", "1"], says: /Unrecognized key: "prot" — did you mean "port"\?/ },
  { set: ["gateway.auth.token", "***"], says: /Config write rejected: .*redacted secret placeholder/ },
  { set: ["meta.lastTouchedVersion", "1"], says: /meta\.lastTouchedVersion cannot be set/ },
] as const;

for (const { set, says } of REFUSED) {
  test(`config set ${set.join(" ")} is refused and changes nothing`, async () => {
    using state = makeState(COMMENTED);
    const { code, stdout, stderr } = await config(state, "set", ...set);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, says);
    assert.equal(text(state), COMMENTED);
  });
}

test("[CONF-01] config set does not touch prototypes", async () => {
  using state = makeState(COMMENTED);
  for (const path of ["__proto__.polluted", "constructor.prototype.polluted", "gateway.__proto__.mode"]) {
    const { code } = await config(state, "set", path, "1");
    assert.equal(code, 2, path);
  }
  assert.equal(text(state), COMMENTED);
});

test("a dry run shows the lines and writes nothing, and hides secrets", async () => {
  using state = makeState(localConfig(18800));
  const before = text(state);
  const { stdout } = await config(state, "set", "gateway.auth.token", "another-secret-1", "--dry-run");
  assert.match(stdout, /^@@ .*\n[\s\S]*\n- +"token": "\*\*\*"\n\+ +"token": "\*\*\*"\n/);
  assert.ok(!stdout.includes(TOKEN) && !stdout.includes("another-secret-1"), stdout);
  assert.equal(text(state), before);
});

test("words of older guides write today's keys (R4, R5, R6)", async () => {
  using state = makeState(localConfig(18800));
  const host = await config(state, "set", "gateway.host", "0.0.0.0");
  assert.match(host.stdout, /^Updated gateway\.bind \(gateway\.host is the older name\)\./);
  assert.equal((await config(state, "get", "gateway.bind")).stdout, "lan\n");
  assert.equal((await config(state, "get", "gateway.host")).stdout, "0.0.0.0\n");

  const token = await config(state, "set", "gateway.token", "pinned-by-a-guide");
  assert.equal(
    token.stdout,
    "Updated gateway.auth.token (gateway.token is the older name). Restart the gateway to apply.\n",
  );
  assert.equal((await config(state, "get", "gateway.token")).stdout, "pinned-by-a-guide\n");

  const bind = await config(state, "set", "gateway.bind", "127.0.0.1");
  assert.match(bind.stderr, /^notice: /);
  assert.equal((await config(state, "get", "gateway.bind")).stdout, "loopback\n");
});

test("[config-get-token-leaf] the token itself is printed when exactly it is asked for", async () => {
  using state = makeState({ gateway: { auth: { token: "tok-test-123" } } });
  assert.equal((await config(state, "get", "gateway.auth.token")).stdout, "tok-test-123\n");
});

test("inside of objects secrets are hidden, with --json too", async () => {
  using state = makeState(localConfig(18800));
  for (const args of [["gateway"], ["gateway.auth"], ["gateway", "--json"]]) {
    const { code, stdout } = await config(state, "get", ...args);
    assert.equal(code, 0);
    assert.ok(!stdout.includes(TOKEN), stdout);
    assert.ok(stdout.includes("__OPENCLAW_REDACTED__"), stdout);
  }
});

test("config get: a default is answered and said to be one; unset and unknown exit 1 with empty stdout", async () => {
  using state = makeState({ gateway: { mode: "local" } });
  const port = await config(state, "get", "gateway.port");
  assert.deepEqual([port.code, port.stdout], [0, "18789\n"]);
  assert.match(port.stderr, /^notice: gateway\.port is not set/);
  assert.equal((await config(state, "get", "channels")).stdout, "{}\n");
  const unset = await config(state, "get", "gateway.remote.url");
  assert.deepEqual([unset.code, unset.stdout], [1, ""]);
  const unknown = await config(state, "get", "gateway.prot");
  assert.deepEqual([unknown.code, unknown.stdout], [1, ""]);
  assert.match(unknown.stderr, /Unknown config path: gateway\.prot\n.*did you mean "port"/);
});

test("config file prints one absolute path and nothing else, also when the file is broken", async () => {
  using state = makeState("{ broken");
  const { code, stdout, stderr } = await config(state, "file");
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${state.configPath}\n`, stderr: "" });
});

test("config unset removes a value; gateway.mode is kept", async () => {
  using state = makeState(COMMENTED);
  assert.equal(
    (await config(state, "unset", "gateway.port")).stdout,
    "Removed gateway.port. Restart the gateway to apply.\n",
  );
  const { code, stderr } = await config(state, "unset", "gateway.mode");
  assert.equal(code, 1);
  assert.match(stderr, /Config write rejected: .*\(gateway-mode-missing-vs-last-good\)\./);
});

test("config schema is a JSON Schema that knows the keys", async () => {
  using state = makeState();
  const { stdout } = await config(state, "schema");
  const schema = JSON.parse(stdout) as { properties: { gateway: { properties: object } } };
  assert.ok("port" in schema.properties.gateway.properties);
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnOpenclaw } from "../kit/process.ts";
import { makeState } from "../kit/state.ts";

test("setup without a terminal writes the baseline and says what is next", async () => {
  using state = makeState();
  const { code, stdout } = await runOpenclaw(
    ["setup", "--non-interactive", "--accept-risk", "--baseline"],
    state,
  );
  assert.equal(code, 0);
  assert.ok(stdout.startsWith(`Made ${state.configPath}\n`), stdout);
  assert.match(stdout, /\nNext: openclaw start\n$/);
  const { gateway } = JSON.parse(readFileSync(state.configPath, "utf8"));
  assert.deepEqual([gateway.mode, gateway.bind, gateway.auth.mode], ["local", "loopback", "token"]);
  assert.ok(!stdout.includes(gateway.auth.token), "the token is not printed unasked");
  assert.equal(statSync(state.configPath).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(state.dir), ["data", "openclaw.json"]);
  const data = readdirSync(join(state.dir, "data"));
  assert.deepEqual(data, ["config-history", "config.lock"], "nothing else is made");
});

test("setup repeated changes nothing", async () => {
  using state = makeState();
  await runOpenclaw(["setup"], state);
  const before = readFileSync(state.configPath, "utf8");
  const { stdout } = await runOpenclaw(["setup"], state);
  assert.match(stdout, /^Nothing to change in /);
  assert.equal(readFileSync(state.configPath, "utf8"), before);
});

test("setup adds the mode an existing config lacks and keeps the rest", async () => {
  using state = makeState(`{\n  // mine\n  "gateway": { "port": 18800 }\n}\n`);
  const { stdout } = await runOpenclaw(["setup", "--workspace", "/tmp/openclaw-ws"], state);
  assert.match(stdout, /^Updated gateway\.mode, agents\.defaults\.workspace in /);
  const text = readFileSync(state.configPath, "utf8");
  assert.match(text, /\/\/ mine/);
  assert.match(text, /"mode": "local"/);
});

test("setup leaves mode remote alone unless --mode local is asked for", async () => {
  using state = makeState({ gateway: { mode: "remote", remote: { url: "wss://gw.example.net" } } });
  assert.match((await runOpenclaw(["setup"], state)).stdout, /Mode +remote\n[\s\S]*Next: openclaw status\n$/);
  assert.match((await runOpenclaw(["setup", "--mode", "local"], state)).stdout, /^Updated gateway\.mode in /);
});

test("openclaw start on a new machine: a config, a gateway, an address that works, a clean end", async () => {
  using state = makeState();
  const port = await freePort();
  await using gateway = spawnOpenclaw(["start", "--port", String(port)], state);
  const [, token] = await gateway.printed(/#token=(\w{64})/);
  assert.equal(JSON.parse(readFileSync(state.configPath, "utf8")).gateway.auth.token, token);
  assert.equal((await runOpenclaw(["health"], state)).code, 0);
  gateway.child.kill("SIGINT");
  assert.equal((await gateway.ended).code, 0);
});

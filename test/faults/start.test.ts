import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { freePort, holdPort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";

const collapse = (text: string) => text.replace(/\s+/g, " ");

function logOf(state: StateFolder): string {
  const dir = join(state.dir, "logs");
  if (!existsSync(dir)) return "";
  return readdirSync(dir)
    .map((file) => readFileSync(join(dir, file), "utf8"))
    .join("");
}

test("[start-missing-config] [start-missing-config-log] an empty machine is told what to do, and stays empty", async () => {
  using state = makeState();
  const { code, stdout, stderr } = await runOpenclaw(["gateway", "run"], state);
  assert.equal(code, 78);
  assert.match(stdout, /\[gateway\] missing config: run openclaw setup or set gateway\.mode=local/);
  assert.match(
    collapse(stderr),
    /Missing config\. Run `openclaw setup` or set gateway\.mode=local \(or pass --allow-unconfigured\)\./,
  );
  assert.equal(existsSync(state.dir), false);
});

test("[start-blocked-mode-unset] [start-blocked-allow-unconfigured-short] [start-blocked-existing-config-missing-mode] [start-blocked-no-value] [start-blocked-expected-modes] [start-mode-is-unset] a config without gateway.mode blocks the start, each surface in its own words", async () => {
  using state = makeState("{}");
  const before = readFileSync(state.configPath);
  const { code, stdout, stderr } = await runOpenclaw(["gateway", "run"], state);
  assert.equal(code, 78);
  assert.match(
    collapse(stderr),
    /gateway start blocked: set gateway\.mode=local \(current: unset\) or pass --allow-unconfigured/,
  );
  assert.match(collapse(stderr), /existing config is missing gateway\.mode/);
  assert.match(stderr, /openclaw config set gateway\.mode local/);
  assert.ok(stdout.includes("[gateway] start blocked — config key gateway.mode has no value"), stdout);
  assert.ok(
    logOf(state).includes("gateway start blocked: gateway.mode is unset — expected local, remote, or hybrid"),
  );
  assert.deepEqual(readFileSync(state.configPath), before, "the file was touched");
});

test("[start-blocked-mode-remote] a machine set up as a client does not serve", async () => {
  using state = makeState({ gateway: { mode: "remote", remote: { url: "wss://elsewhere.example" } } });
  const { code, stderr } = await runOpenclaw(["gateway", "run"], state);
  assert.equal(code, 78);
  assert.match(stderr, /Gateway start blocked: set gateway\.mode=local \(current: remote\)/);
});

test("[CONF-03] --allow-unconfigured starts without writing a config", async () => {
  using state = makeState();
  await using gateway = await spawnGateway(state, [
    "--allow-unconfigured",
    "--bind",
    "loopback",
    "--port",
    String(await freePort()),
  ]);
  assert.equal(existsSync(state.configPath), false);
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
});

test("[config-syntaxerror] [config-invalid-at] a broken config names file, line and column, and stays as it is", async () => {
  using state = makeState('{\n  "gateway": {\n    "mode": local"\n');
  const before = readFileSync(state.configPath);
  const { code, stderr } = await runOpenclaw(["gateway", "run"], state);
  assert.equal(code, 78);
  assert.match(stderr, /Invalid config at .*openclaw\.json:\d+:\d+ — SyntaxError in config/);
  assert.match(stderr, /openclaw doctor --fix/);
  assert.deepEqual(readFileSync(state.configPath), before);
});

test("[config-invalid-at] an unknown key names its path and the nearest known one", async () => {
  using state = makeState({ gateway: { mode: "local", prot: 18789 } });
  const { code, stderr } = await runOpenclaw(["gateway", "run"], state);
  assert.equal(code, 78);
  assert.match(stderr, /Invalid config at .*openclaw\.json/);
  assert.match(stderr, /gateway.*"prot".*did you mean "port"/s);
});

test("[ready-port-in-use] [crash-loop-error] a taken port names who holds it", async () => {
  await using holder = await holdPort();
  using state = makeState(localConfig(holder.port));
  const { code, stdout, stderr } = await runOpenclaw(["gateway", "run"], state);
  assert.equal(code, 1);
  assert.match(stderr, /EADDRINUSE: address already in use/);
  assert.ok(stderr.includes(`pid ${process.pid}`), stderr);
  assert.match(stderr, /openclaw config set gateway\.port/);
  assert.match(stdout, /\[gateway\] error: .+/);
  assert.doesNotMatch(stderr, /another gateway instance/);
});

test("[lock-another-instance] [CONF-16] a second gateway on one state folder names the first and leaves it alone", async () => {
  using state = makeState(localConfig(await freePort()));
  await using first = await spawnGateway(state);
  const second = await runOpenclaw(["gateway", "run", "--port", String(await freePort())], state);
  assert.equal(second.code, 1, "no reason for a supervisor to give up: the first one may be about to end");
  assert.ok(
    second.stderr.includes(`gateway already running (pid ${first.child.pid}, port ${first.port})`),
    second.stderr,
  );
  assert.match(second.stderr, /another gateway instance is already listening/);
  assert.equal(first.child.exitCode, null);
});

test("[lock-another-instance] two gateways on one port: the second knows that a gateway holds it", async () => {
  using one = makeState(localConfig(await freePort()));
  await using first = await spawnGateway(one);
  using two = makeState(localConfig(first.port));
  const second = await runOpenclaw(["gateway", "run"], two);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /another gateway instance is already listening/);
  assert.ok(second.stderr.includes(`pid ${first.child.pid}`));
});

test("[lock-stale-pid-file] a killed gateway blocks nothing: the next start says so and runs", async () => {
  using state = makeState(localConfig(await freePort()));
  {
    await using first = await spawnGateway(state);
    first.child.kill("SIGKILL");
    await first.ended;
  }
  assert.ok(existsSync(join(state.dir, "gateway.pid")));
  await using next = await spawnGateway(state);
  assert.match(next.stdout(), /stale gateway\.pid ignored/);
});

test("a gateway.pid full of garbage is nobody's problem, and deleting it while running changes nothing", async () => {
  using state = makeState(localConfig(await freePort()));
  writeFileSync(join(state.dir, "gateway.pid"), "\u0000garbage");
  await using gateway = await spawnGateway(state);
  rmSync(join(state.dir, "gateway.pid"));
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
});

test("[bind-refused-without-auth] [AUTH-26] nothing beyond loopback without a secret", async () => {
  for (const auth of [{ mode: "none" }, undefined]) {
    using state = makeState({ gateway: { mode: "local", bind: "lan", ...(auth && { auth }) } });
    const { code, stderr } = await runOpenclaw(["gateway", "run"], state);
    assert.equal(code, 78);
    assert.match(stderr, /refusing to bind gateway .* without auth/);
    assert.match(stderr, /openclaw config set gateway\.auth\.token <token>/);
  }
});

test("[config-newer-version-guard] an older program does not run on a newer config, unless told to once", async () => {
  using state = makeState({ ...localConfig(await freePort()), meta: { lastTouchedVersion: "2099.1.1" } });
  const refused = await runOpenclaw(["gateway", "run"], state);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /Refusing to start the gateway because this OpenClaw binary \(\S+\) is older than the config last written by OpenClaw 2099\.1\.1/,
  );
  await using gateway = await spawnGateway(state, [], {
    OPENCLAW_ALLOW_OLDER_BINARY_DESTRUCTIVE_ACTIONS: "1",
  });
  assert.equal(gateway.child.exitCode, null);
});

test("a wildcard address is a bind like any other, with the secret that it needs", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state, ["--bind", "0.0.0.0"]);
  assert.match(gateway.stdout(), /http server listening \((\[::\]|0\.0\.0\.0):\d+\)/);
  assert.equal((await fetch(`http://127.0.0.1:${gateway.port}/health`)).status, 200);
});

test("[docker-token-regenerated] a token made once is the same after a restart", async () => {
  using state = makeState({ gateway: { mode: "local", bind: "loopback", port: await freePort() } });
  const tokens: string[] = [];
  for (let start = 0; start < 2; start++) {
    await using gateway = await spawnGateway(state);
    tokens.push(readFileSync(join(state.dir, "data/gateway.token"), "utf8"));
    gateway.child.kill("SIGTERM");
    await gateway.ended;
  }
  assert.equal(tokens[0], tokens[1]);
  assert.match(tokens[0]!, /^[0-9a-f]{64}\n$/);
});

test("[config-legacy-gateway-token] the older key works, with a notice that names the newer one", async () => {
  using state = makeState({
    gateway: { mode: "local", bind: "loopback", port: await freePort(), token: TOKEN },
  });
  await using gateway = await spawnGateway(state);
  assert.match(gateway.stdout(), /Found "gateway\.token" in config\. Use "gateway\.auth\.token" instead\./);
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/v1/models`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  assert.equal(answer.status, 200);
});

test("[ready-listening] [crash-loop-starting] the line `listening on` is true when it is printed", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/readyz`);
  assert.equal(answer.status, 200);
  const order = [
    "[gateway] starting...",
    "http server listening",
    "[gateway] listening on :",
    "[gateway] ready",
  ].map((line) => gateway.stdout().indexOf(line));
  assert.ok(order.every((place) => place >= 0));
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
});

test("[dependency-econnrefused] a model server that is down is an error of its turns, not of the gateway", async () => {
  const config = localConfig(await freePort(), {
    models: {
      providers: {
        gone: {
          baseUrl: `http://127.0.0.1:${await freePort()}/v1`,
          api: "openai-completions",
          apiKey: "SEC-provider-12345",
        },
      },
    },
    agents: { defaults: { model: "gone/model" } },
  });
  using state = makeState(config);
  await using gateway = await spawnGateway(state);
  const { code, stderr } = await runHere(["agent", "--message", "hello"], state);
  assert.equal(code, 1);
  assert.match(stderr, /ECONNREFUSED/);
  assert.equal((await fetch(`http://127.0.0.1:${gateway.port}/readyz`)).status, 200);
  gateway.child.kill("SIGTERM");
  await gateway.ended;
  assert.match(logOf(state), /ECONNREFUSED/);
});

test("[CONF-06] [CONF-09] [CONF-17] whatever the umask, files are private; neither secrets nor what was said reach the log", async () => {
  using state = makeState(localConfig(await freePort()));
  const umask = process.umask(0);
  await using gateway = await spawnGateway(state);
  process.umask(umask);
  const { code, stdout } = await runHere(["agent", "--message", "say CANARY-8812 and list files"], state);
  assert.equal(code, 0, stdout);
  gateway.child.kill("SIGTERM");
  const { stdout: console, stderr } = await gateway.ended;
  const open = readdirSync(state.dir, { recursive: true, encoding: "utf8" }).filter(
    (file) => (statSync(join(state.dir, file)).mode & 0o077) !== 0,
  );
  assert.deepEqual(open, []);
  for (const text of [console, stderr, logOf(state)]) {
    assert.ok(!text.includes(TOKEN), "the token is in a log");
    assert.ok(!text.includes("CANARY-8812"), "the conversation is in a log");
  }
});

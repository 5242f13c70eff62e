import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive } from "../../src/platform/alive.ts";
import { bootsOf, endBackgroundGateway } from "../kit/background.ts";
import { runHere } from "../kit/command.ts";
import { call } from "../kit/http.ts";
import { freePort, holdPort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";
import { until } from "../kit/until.ts";

const NEWER = { meta: { lastTouchedVersion: "2099.1.1" } };

for (const words of [["restart"], ["gateway", "restart"]]) {
  test(`[cli-restart-foreground] openclaw ${words.join(" ")}: the running process starts again and is ready`, async () => {
    using state = makeState(localConfig(await freePort()));
    await using gateway = await spawnGateway(state);
    const { pid } = gateway.child;
    const { code, stdout, stderr } = await runHere(words, state);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.equal(
      stdout,
      `Gateway restart request sent to foreground process on port ${gateway.port}: ${pid}.\nGateway is ready on :${gateway.port}\n`,
    );
    assert.deepEqual(
      bootsOf(state).map((boot) => boot.pid),
      [pid, pid],
    );
  });
}

const PID_FILES = [
  { name: "deleted", spoil: (file: string) => rmSync(file) },
  { name: "garbage", spoil: (file: string) => writeFileSync(file, "\u0000garbage") },
  { name: "of another living process", spoil: (file: string) => writeFileSync(file, `${process.ppid}\n`) },
] as const;
for (const { name, spoil } of PID_FILES) {
  test(`gateway.pid ${name}: restart and stop find the gateway all the same, with a wrong token too`, async () => {
    using state = makeState(localConfig(await freePort()));
    await using gateway = await spawnGateway(state);
    spoil(join(state.dir, "gateway.pid"));
    const env = { OPENCLAW_GATEWAY_TOKEN: "wrong" };
    const restarted = await runHere(["restart"], state, env);
    assert.equal(restarted.code, 0, restarted.stderr);
    assert.ok(restarted.stdout.includes(`: ${gateway.child.pid}.\n`));
    spoil(join(state.dir, "gateway.pid"));
    const stopped = await runHere(["stop"], state, env);
    assert.deepEqual(
      [stopped.code, stopped.stdout],
      [0, `Gateway stopped: ${gateway.child.pid} (port ${gateway.port}).\n`],
    );
    assert.equal((await gateway.ended).code, 0);
  });
}

test("nothing runs: openclaw restart starts a gateway that is on its own, and openclaw stop ends it", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port));
  using _end = endBackgroundGateway(state);
  const { code, stdout, stderr } = await runHere(["restart"], state);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const [, pid] = /^Nothing was running\. Gateway started in the background: (\d+)\.$/m.exec(stdout)!;
  assert.match(stdout, new RegExp(`^Gateway is ready on :${port}$`, "m"));
  assert.match(stdout, /^to survive reboot: /m);
  assert.equal((await call({ port, path: "/readyz" })).status, 200);
  const console = join(state.dir, "logs/background.log");
  assert.equal(statSync(console).mode & 0o777, 0o600);
  assert.match(readFileSync(console, "utf8"), /\[gateway\] ready[\s\S]*what follows is in .*gateway-.*\.log/);
  if (process.platform === "linux") {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    assert.deepEqual([stat[2], stat[3]], [pid, pid], "a process group and a session of its own");
    assert.match(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /openclaw/, "pkill -f openclaw finds it");
  }
  const again = await runHere(["restart"], state);
  assert.ok(again.stdout.includes(`on port ${port}: ${pid}.\n`), again.stdout);
  const stopped = await runHere(["gateway", "stop"], state);
  assert.deepEqual([stopped.code, stopped.stdout], [0, `Gateway stopped: ${pid} (port ${port}).\n`]);
  await until("it is gone", () => !isAlive(Number(pid)));
  const nothing = await runHere(["stop", "--json"], state);
  assert.deepEqual([nothing.code, JSON.parse(nothing.stdout)], [0, { running: false }]);
});

test("two restarts at once with nothing running: one gateway, and both say that it is ready", async () => {
  using state = makeState(localConfig(await freePort()));
  using _end = endBackgroundGateway(state);
  const both = await Promise.all([runHere(["restart"], state), runHere(["restart"], state)]);
  for (const { code, stdout } of both) {
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^Gateway is ready on :\d+$/m);
  }
  assert.equal(bootsOf(state).filter(({ end }) => end === undefined).length, 1);
});

test("without its ledger the gateway is asked over the wire, and says no in the same words", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port));
  await using gateway = await spawnGateway(state);
  const ledger = join(state.dir, "data/boots.jsonl");
  rmSync(ledger);
  const { code, stdout, stderr } = await runHere(["restart"], state);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^notice: asking the gateway itself: /);
  assert.match(stdout, new RegExp(`: ${gateway.child.pid}\\.\nGateway is ready on :${port}\n$`));
  rmSync(ledger);
  state.write({ gateway: { mode: "local", prot: 1 } });
  const refused = await runHere(["restart"], state);
  assert.equal(refused.code, 78);
  assert.match(refused.stderr, /^Invalid config at .*\n.*Unrecognized key: "prot"/m);
});

test("gateway restart with nothing running starts nothing: tips, exit 1", async () => {
  using state = makeState(localConfig(await freePort()));
  const { code, stdout, stderr } = await runHere(["gateway", "restart"], state);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^Gateway is not running.*\n(Tip: .*\n)+ {2}fix: openclaw restart\n$/);
  assert.deepEqual(bootsOf(state), []);
});

const BROKEN = [
  { name: "that is no JSON", config: '{\n  "gateway": {\n' },
  { name: "with an unknown key", config: { gateway: { mode: "local", prot: 1 } } },
  { name: "without a mode", config: {} },
  {
    name: "that would be open to everybody",
    config: { gateway: { mode: "local", bind: "lan", auth: { mode: "none" } } },
  },
] as const;
for (const { name, config } of BROKEN) {
  test(`a config ${name} is refused with the words of a start, exit 78, running or not`, async () => {
    using state = makeState(config);
    const started = await runOpenclaw(["gateway", "run"], state);
    assert.equal(started.code, 78);
    const stopped = await runHere(["restart"], state);
    assert.deepEqual([stopped.code, stopped.stdout, stopped.stderr], [78, "", started.stderr]);
    assert.deepEqual(bootsOf(state), []);

    state.write(localConfig(await freePort()));
    await using gateway = await spawnGateway(state);
    state.write(config);
    // By now a gateway has run, so a start also says what has changed since.
    const again = await runOpenclaw(["gateway", "run"], state);
    const running = await runHere(["restart"], state);
    assert.deepEqual([running.code, running.stderr], [78, again.stderr]);
    assert.equal((await call({ port: gateway.port, path: "/readyz" })).status, 200);
    assert.equal(bootsOf(state).length, 1);
  });
}

test("[config-newer-version-guard] an older program neither restarts nor stops a newer one's gateway, unless told to", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port));
  await using gateway = await spawnGateway(state);
  state.write({ ...localConfig(port), ...NEWER });
  for (const [words, action] of [
    [["restart"], "restart the gateway"],
    [["gateway", "restart"], "restart the gateway"],
    [["stop"], "stop the gateway"],
    [["gateway", "stop"], "stop the gateway"],
  ] as const) {
    const { code, stderr } = await runHere(words, state);
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(
        `^Refusing to ${action} because this OpenClaw binary \\(\\S+\\) is older than the config last written by OpenClaw 2099\\.1\\.1`,
      ),
    );
  }
  assert.equal(gateway.child.exitCode, null);
  const told = await runHere(["stop"], state, { OPENCLAW_ALLOW_OLDER_BINARY_DESTRUCTIVE_ACTIONS: "1" });
  assert.equal(told.code, 0);
});

test("[ready-not-ready] [ready-not-ready-60s] [ready-wait-timeout] [ready-health-check-fail] [ready-startup-timeout] a start that hangs: how far it came, and where to look", async () => {
  using state = makeState(localConfig(await freePort()));
  using _end = endBackgroundGateway(state);
  const env = { OPENCLAW_FAULT_PLAN: "start.beforeListen=hang", OPENCLAW_STARTUP_TIMEOUT_MS: "500" };
  const { code, stderr } = await runHere(["restart", "--wait", "2s"], state, env);
  assert.equal(code, 1);
  assert.match(stderr, /^Error: gateway did not become ready within 2s\n/);
  assert.match(stderr, /^ {2}last stage: starting, for \d+s; next would be listening$/m);
  assert.match(
    stderr,
    /^ {2}last error in the log: gateway startup timeout — did not become ready within 0\.5s: it is "starting" and hangs before "listening"$/m,
  );
  assert.match(stderr, /^ {2}log: .*gateway-\d{4}-\d\d-\d\d\.log$/m);
  assert.match(stderr, /^ {2}fix: openclaw logs --tail 100$/m);

  const waited = await runHere(["health", "--wait", "300ms"], state);
  assert.equal(waited.code, 1);
  assert.match(waited.stderr, /^timeout waiting for gateway: did not become ready\n/);
  const checked = await runHere(["health", "--check"], state);
  assert.equal(checked.code, 1);
  assert.match(checked.stdout, /^FAIL: gateway health check failed — not ready/);

  // It hangs on, and one that hangs in its start cannot be asked for another.
  const again = await runHere(["gateway", "restart", "--wait", "1s"], state);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^Error: gateway did not become ready within 1s\n/);
  assert.equal((await runHere(["stop"], state)).code, 0);
});

test("a start that fails at once does not make anybody wait", async () => {
  using state = makeState(localConfig(await freePort()));
  const env = { OPENCLAW_FAULT_PLAN: "start.afterListen=throw" };
  const { code, stderr } = await runHere(["restart"], state, env);
  assert.equal(code, 1);
  assert.match(stderr, /^Error: gateway did not become ready within 60s\n/);
  assert.match(stderr, /^ {2}it is gone: failpoint start\.afterListen$/m);
});

test("a port that is taken is told before anything is started", async () => {
  await using holder = await holdPort();
  using state = makeState(localConfig(holder.port));
  const { code, stdout, stderr } = await runHere(["restart"], state);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^gateway failed to start: port \d+ is already in use/);
  assert.ok(!existsSync(join(state.dir, "logs/background.log")));
});

test("health --check needs no token", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  const { code, stdout } = await runHere(["health", "--check"], state, {
    OPENCLAW_GATEWAY_TOKEN: "wrong",
  });
  assert.deepEqual([code, stdout], [0, `OK: gateway is ready on :${gateway.port}\n`]);
});

const HOLD = `
  const { DatabaseSync } = require("node:sqlite");
  const db = new DatabaseSync(process.env.LOCK);
  db.exec("BEGIN EXCLUSIVE");
  console.log("held");
  setInterval(() => {}, 1000);
`;

test("a process that is no gateway is never signalled, whatever it holds", {
  skip: /openclaw/i.test(process.execPath) && "the path of this very node contains the word",
}, async () => {
  using state = makeState(localConfig(await freePort()));
  {
    await using gateway = await spawnGateway(state);
    gateway.child.kill("SIGKILL");
    await gateway.ended;
  }
  const holder = spawn(process.execPath, ["-e", HOLD], {
    env: { LOCK: join(state.dir, "data/gateway.lock") },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise((resolve) => holder.once("exit", resolve));
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  writeFileSync(join(state.dir, "gateway.pid"), `${holder.pid}\n`);
  const stopped = await runHere(["stop"], state);
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /^refusing to stop what may not be this gateway\n.*is another program/);
  const restarted = await runHere(["restart", "--wait", "1s"], state);
  assert.equal(restarted.code, 1);
  assert.match(restarted.stderr, /another program/);
  assert.equal(holder.exitCode, null);
  holder.kill("SIGKILL");
  await ended;
});

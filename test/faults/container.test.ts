import assert from "node:assert/strict";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Container,
  type ContainerInput,
  makeRoot,
  makeVolume,
  noContainer,
  OUTER_ADDRESS,
  runContainer,
} from "../kit/container.ts";

const skip = noContainer;
const READY = /\[gateway\] listening on :18789[\s\S]*\[gateway\] ready/;
const LOCAL = { OPENCLAW_GATEWAY_MODE: "local" };

async function ready(input: ContainerInput): Promise<Container> {
  const container = runContainer(input);
  await container.printed(READY);
  return container;
}

const stdoutOf = async (container: Container, line: string) => (await container.exec(line)).stdout.trim();

test("[ready-entrypoint-starting] [ready-listening] the guides' run line: the lines, port 3001, exec, restart, stop", {
  skip,
}, async () => {
  using root = makeRoot();
  using volume = makeVolume();
  await using container = await ready({ root, volumes: { "/app/data": volume }, env: LOCAL });
  assert.match(container.output(), /^\[entrypoint\] Starting OpenClaw gateway\n/);
  assert.match(container.output(), /state folder: \/app\/data \(a volume is mounted there\)/);
  assert.doesNotMatch(container.output(), /not on a volume|lost with/);
  assert.equal(
    await stdoutOf(container, "curl -sf http://localhost:3001/health"),
    '{"ok":true,"status":"live"}',
  );
  assert.equal(await stdoutOf(container, "openclaw health --check"), "OK: gateway is ready on :18789");
  assert.match(
    await stdoutOf(container, "openclaw status"),
    /^Gateway: +connected[\s\S]*\/app\/data\/openclaw\.json/,
  );

  const first = await stdoutOf(
    container,
    "cat /proc/1/stat | cut -d' ' -f22; cat /app/data/gateway.pid | head -1",
  );
  const restarted = await container.exec("openclaw restart");
  assert.equal(restarted.code, 0, restarted.stderr);
  assert.match(
    restarted.stdout,
    /^Gateway restart request sent to foreground process on port 18789: \d+\.\nGateway is ready on :18789\n$/,
  );
  assert.equal(
    await stdoutOf(container, "cat /proc/1/stat | cut -d' ' -f22; cat /app/data/gateway.pid | head -1"),
    first,
    "process 1 and the gateway stay",
  );
  const { code, stdout } = await container.stop();
  assert.equal(code, 0);
  assert.match(stdout, /\[gateway\] stopped/);
});

test("[docker-data-not-persisted] without a volume: state in the home folder, and a word about what is lost, at every start", {
  skip,
}, async () => {
  using root = makeRoot();
  for (let start = 0; start < 2; start++) {
    await using container = await ready({ root, env: LOCAL });
    await container.printed(/\/root\/\.openclaw is not on a volume: config, token and sessions are lost/);
    await container.printed(
      /the gateway token in \/root\/\.openclaw\/data\/gateway\.token is lost with this container/,
    );
    assert.equal(await stdoutOf(container, "openclaw config file"), "/root/.openclaw/openclaw.json");
    await container.stop();
  }
});

test("[docker-token-regenerated] config, token and sessions survive a rebuild with the volume, at /data as well", {
  skip,
}, async () => {
  using volume = makeVolume();
  const seen: string[] = [];
  for (let build = 0; build < 2; build++) {
    using root = makeRoot();
    await using container = await ready({ root, volumes: { "/data": volume }, env: LOCAL });
    assert.equal(await stdoutOf(container, "openclaw config file"), "/data/openclaw.json");
    if (build === 0) {
      assert.equal((await container.exec("openclaw agent --message hello")).code, 0);
      assert.equal((await container.exec("openclaw config set logging.level debug")).code, 0);
    }
    const level = await stdoutOf(container, "openclaw config get logging.level");
    const sessions = JSON.parse(await stdoutOf(container, "openclaw gateway call sessions.list")).sessions
      .length;
    seen.push([await stdoutOf(container, "openclaw gateway auth-token --show"), level, sessions].join(" "));
    await container.stop();
  }
  assert.match(seen[0]!, /^[0-9a-f]{64} debug 1$/);
  assert.equal(seen[1], seen[0]);
});

test("two volumes: /app/data is taken, and state at /data is reported and left alone", { skip }, async () => {
  using root = makeRoot();
  using app = makeVolume();
  using data = makeVolume();
  writeFileSync(join(data.dir, "openclaw.json"), "{}");
  await using container = await ready({ root, volumes: { "/data": data, "/app/data": app }, env: LOCAL });
  await container.printed(
    /\/data holds an older state folder, which is not used and not merged into \/app\/data/,
  );
  assert.equal(await stdoutOf(container, "ls -A /data"), "openclaw.json");
});

test("memory is no volume", { skip }, async () => {
  using root = makeRoot();
  await using container = await ready({ root, volumes: { "/app/data": "tmpfs" }, env: LOCAL });
  await container.printed(/\/app\/data is not on a volume but on tmpfs/);
});

test("a user that no file knows: state in the volume is its own, and commands find the gateway", {
  skip: skip || (process.getuid?.() !== 0 && "only root can become somebody else"),
}, async () => {
  using root = makeRoot();
  using volume = makeVolume();
  // As the image makes it.
  chmodSync(volume.dir, 0o770);
  const env = { ...LOCAL, OPENCLAW_IN_CONTAINER: "1", HOME: "/app/data" };
  await using container = await ready({ root, volumes: { "/app/data": volume }, env, uid: 12_345 });
  assert.equal(await stdoutOf(container, "id -u"), "12345");
  const token = join(volume.dir, "data/gateway.token");
  assert.deepEqual([statSync(token).uid, statSync(token).mode & 0o777], [12_345, 0o600]);
  const restarted = await container.exec("openclaw restart");
  assert.equal(restarted.code, 0, restarted.stderr);
  assert.match(restarted.stdout, /^Gateway is ready on :18789$/m);
  // Now that there is a token, it is there for everybody who has it.
  for (const port of [18789, 3001])
    assert.equal((await container.exec(`curl -sf http://${OUTER_ADDRESS}:${port}/healthz`)).code, 0);
  const none = await container.exec("openclaw service install");
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^No supported service manager detected\nTip: docker run --restart/);
  assert.equal((await container.stop()).code, 0);
});

for (const mode of ["local", "remote", "hybrid"]) {
  test(`OPENCLAW_GATEWAY_MODE=${mode} is all that an empty container needs`, { skip }, async () => {
    using root = makeRoot();
    using volume = makeVolume();
    const env = { OPENCLAW_GATEWAY_MODE: mode, OPENCLAW_GATEWAY_TOKEN: "stable-token-0123456789" };
    await using container = await ready({ root, volumes: { "/app/data": volume }, env });
    for (const port of [18789, 3001])
      assert.equal((await container.exec(`curl -sf http://${OUTER_ADDRESS}:${port}/health`)).code, 0);
  });
}

const WITHOUT_MODE = [
  { name: "an empty volume", config: undefined },
  { name: "a config without it", config: "{}" },
] as const;
for (const { name, config } of WITHOUT_MODE) {
  test(`[start-mode-not-configured] no mode, ${name}: exit 78`, { skip }, async () => {
    using root = makeRoot();
    using volume = makeVolume();
    if (config !== undefined) writeFileSync(join(volume.dir, "openclaw.json"), config);
    await using container = runContainer({ root, volumes: { "/app/data": volume } });
    const { code, stdout, stderr } = await container.ended;
    assert.equal(code, 78);
    assert.equal(stdout, "[entrypoint] Starting OpenClaw gateway\n");
    assert.equal(
      stderr,
      "ERROR: gateway.mode not configured. Run openclaw setup or set gateway.mode=local to start in local-only mode.\n",
    );
  });
}

test("a broken config is told by the gateway itself, exit 78", { skip }, async () => {
  using root = makeRoot();
  using volume = makeVolume();
  writeFileSync(join(volume.dir, "openclaw.json"), "{ nonsense");
  await using container = runContainer({ root, volumes: { "/app/data": volume }, env: LOCAL });
  const { code, stderr } = await container.ended;
  assert.equal(code, 78);
  assert.match(stderr, /Invalid config at \/app\/data\/openclaw\.json/);
  assert.doesNotMatch(stderr, /did not become ready/);
});

test("[docker-unreachable-loopback] the guide's way out: exec config set gateway.bind, then restart the container", {
  skip,
}, async () => {
  using root = makeRoot();
  using volume = makeVolume();
  const input = { root, volumes: { "/app/data": volume }, env: LOCAL };
  mkdirSync(join(volume.dir, "data"));
  writeFileSync(join(volume.dir, "openclaw.json"), '{ "gateway": { "mode": "local", "bind": "loopback" } }');
  {
    await using container = await ready(input);
    await container.printed(/^\[entrypoint\].*container.*loopback \(127\.0\.0\.1\)/m);
    await container.printed(/openclaw config set gateway\.bind "0\.0\.0\.0"/);
    assert.equal((await container.exec(`curl -s http://${OUTER_ADDRESS}:3001/health`)).code, 7, "refused");
    const { code, stderr } = await container.exec('openclaw config set gateway.bind "0.0.0.0"');
    assert.equal(code, 0, stderr);
    await container.stop();
  }
  await using container = await ready(input);
  assert.doesNotMatch(container.output(), /loopback/);
  for (const port of [3001, 18789])
    assert.equal(
      (await container.exec(`curl -sf http://${OUTER_ADDRESS}:${port}/health`)).code,
      0,
      String(port),
    );
});

for (const shell of ["/bin/dash", "/bin/bash"]) {
  const command = [shell, "/opt/openclaw/container/entrypoint.sh"];

  test(`${shell}: process 1 reaps what others leave behind`, { skip }, async () => {
    using root = makeRoot();
    await using container = await ready({ root, env: LOCAL, command });
    // Whoever runs a program and goes away leaves it to process 1.
    await container.exec("sleep 0.2 & exit 0");
    const dead = "sleep 0.5; grep -l '^State:.Z' /proc/[0-9]*/status | wc -l";
    assert.equal(await stdoutOf(container, dead), "0");
  });

  test(`[ready-entrypoint-timeout] ${shell}: a start that hangs ends the container, exit 1`, {
    skip,
  }, async () => {
    using root = makeRoot();
    const env = { ...LOCAL, OPENCLAW_FAULT_PLAN: "start.beforeListen=hang", OPENCLAW_READY_WAIT: "2s" };
    await using container = runContainer({ root, env, command });
    const { code, stderr } = await container.ended;
    assert.equal(code, 1);
    assert.match(stderr, /^\[entrypoint\] gateway did not become ready in time$/m);
  });

  test(`[proc-killed] ${shell}: a killed gateway ends the container with its exit code`, {
    skip,
  }, async () => {
    using root = makeRoot();
    {
      await using container = await ready({ root, env: LOCAL, command });
      await container.exec("kill -9 $(head -1 /root/.openclaw/gateway.pid)");
      const { code, stderr } = await container.ended;
      assert.equal(code, 137);
      assert.match(stderr, /^\[entrypoint\] gateway was killed by signal 9$/m);
    }
    await using container = await ready({ root, env: LOCAL, command });
    await container.printed(/previous run \(pid \d+\) was killed/);
    const { code } = await container.stop();
    assert.equal(code, 0);
  });
}

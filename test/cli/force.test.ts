import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { freePort, holdPort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";

test("gateway --force: without a person the running gateway stays; with --yes it ends in good order and is replaced", async () => {
  using state = makeState(localConfig(await freePort()));
  await using first = await spawnGateway(state);
  const refused = await runHere(["gateway", "--force"], state);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /Refusing to kill the operator's running gateway service from a non-interactive shell/,
  );
  assert.ok(refused.stderr.includes(`pid ${first.child.pid}`), refused.stderr);
  assert.match(refused.stderr, /--force --yes/);
  assert.equal(first.child.exitCode, null);

  await using second = await spawnGateway(state, ["--force", "--yes"]);
  assert.equal((await first.ended).code, 0, "it was ended in good order");
  assert.equal(second.port, first.port);

  // One that does not react any more.
  second.child.kill("SIGSTOP");
  await using third = await spawnGateway(state, ["--force", "--yes"]);
  assert.equal((await second.ended).signal, "SIGKILL");
  assert.equal(third.port, first.port);
});

test("gateway --force: the gateway of another folder on this port is ended, a foreign program never", async () => {
  const port = await freePort();
  using other = makeState(localConfig(port));
  await using holder = await spawnGateway(other);
  using state = makeState(localConfig(port));
  {
    await using gateway = await spawnGateway(state, ["--force", "--yes"]);
    assert.equal((await holder.ended).code, 0);
    gateway.child.kill("SIGTERM");
    await gateway.ended;
  }
  await using foreign = await holdPort(port);
  const { code, stderr } = await runHere(["gateway", "--force", "--yes"], state);
  assert.equal(code, 1);
  assert.match(stderr, /refusing to end what listens on port \d+: it is no gateway/);
  assert.ok(stderr.includes(`pid ${process.pid}`), stderr);
  assert.equal(foreign.server.listening, true);
});

test("[config-newer-version-guard] --force, restart and stop: an older program leaves the gateway of a newer one alone", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  const config = JSON.parse(readFileSync(state.configPath, "utf8"));
  state.write({ ...config, meta: { lastTouchedVersion: "2099.1.1" } });
  const said = await Promise.all(
    [["gateway", "--force", "--yes"], ["restart"], ["stop"]].map((words) => runHere(words, state)),
  );
  for (const { code, stderr } of said) {
    assert.equal(code, 1, stderr);
    assert.match(stderr, /Refusing to .* because this OpenClaw binary \(\S+\) is older than the config/);
  }
  assert.equal(gateway.child.exitCode, null);
});

test("--tailscale listens on this machine only, says the one command, and excludes another bind", async () => {
  using state = makeState(localConfig(await freePort(), { gateway: { bind: "lan" } }));
  const refused = await runHere(["gateway", "--tailscale", "serve", "--bind", "lan"], state);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--tailscale serve and --bind lan exclude each other/);
  await using gateway = await spawnGateway(state, ["--tailscale", "serve"]);
  assert.match(gateway.stdout(), /http server listening \(127\.0\.0\.1:\d+/);
  gateway.child.kill("SIGTERM");
  assert.match((await gateway.ended).stderr, /tailscale serve --bg/);
});

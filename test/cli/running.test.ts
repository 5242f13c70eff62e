import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { runHere } from "../kit/command.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { type Ended, spawnOpenclaw } from "../kit/process.ts";
import { makeState } from "../kit/state.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const openclaw = (...args: string[]): Promise<Ended> => runHere(args, gateway.state);

test("[status-connected-layout] status: the four lines first, exit 0", async () => {
  const { code, stdout, stderr } = await openclaw("status");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(
    stdout,
    /^Gateway:\s+connected \(v\S+\)\nUptime:\s+\S+.*\nPort:\s+\d+\nDevices:\s+\d+ paired\n/,
  );
  assert.ok(stdout.includes(`Port:       ${gateway.port}\n`));
});

test("status and health as data", async () => {
  const status = JSON.parse((await openclaw("status", "--json")).stdout);
  assert.deepEqual([status.connected, status.port, status.devices.paired], [true, gateway.port, 0]);
  const health = JSON.parse((await openclaw("health", "--json")).stdout);
  assert.deepEqual([health.ok, health.defaultAgentId], [true, "main"]);
});

test("health for people, exit 0, also with --wait", async () => {
  for (const args of [["health"], ["health", "--wait", "5s"], ["gateway", "health"]]) {
    const { code, stdout } = await openclaw(...args);
    assert.equal(code, 0);
    assert.match(stdout, /^Gateway is healthy/);
  }
});

test("[service-runtime-running] [probe-ok] [probe-capability] gateway status of a foreground gateway", async () => {
  const { code, stdout } = await openclaw("gateway", "status");
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^Runtime: running \(foreground, pid \d+\)\nConnectivity probe: ok\nCapability: admin-capable\n/,
  );
  const required = await openclaw("gateway", "status", "--require-rpc");
  assert.equal(required.code, 0);
  assert.match(required.stdout, /^Read probe: ok\nCapability: read-only$/m);
});

test("gateway status --json has the keys scripts look for", async () => {
  const report = JSON.parse((await openclaw("gateway", "status", "--json")).stdout);
  for (const key of ["cli", "logFile", "service", "config", "gateway", "port", "rpc"])
    assert.ok(key in report, key);
});

test("[probe-failed] gateway status --token bad: it runs, and refuses us", async () => {
  const { code, stdout } = await openclaw("gateway", "status", "--token", "bad");
  assert.equal(code, 0);
  assert.match(stdout, /^Runtime: running .*\nConnectivity probe: failed\n/);
  assert.match(stdout, /unauthorized: gateway token mismatch/);
});

test("[auth-unauthorized] [conn-gateway-connect-failed] [auth-token-mismatch] a wrong token: exit 1 and where it came from", async () => {
  const { code, stderr } = await openclaw("gateway", "call", "health", "--token", "bad");
  assert.equal(code, 1);
  assert.match(stderr, /^gateway connect failed: unauthorized: gateway token mismatch/);
  assert.match(stderr, /does not accept --token\n/);
});

test("status with a wrong token is not connected, exit 1", async () => {
  const { code, stdout } = await openclaw("status", "--token", "bad");
  assert.equal(code, 1);
  assert.match(stdout, /^Gateway:\s+not connected\ngateway: unreachable\n/);
});

test("another gateway is asked by --url with its own token", async () => {
  using elsewhere = makeState();
  const url = `ws://127.0.0.1:${gateway.port}`;
  const { code, stdout } = await runHere(["status", "--url", url, "--token", gateway.token], elsewhere);
  assert.equal(code, 0);
  assert.match(stdout, /^Gateway:\s+connected/);
  const bare = await runHere(["health"], elsewhere, {
    OPENCLAW_GATEWAY_URL: url,
    OPENCLAW_GATEWAY_TOKEN: gateway.token,
  });
  assert.equal(bare.code, 0);
});

test("agent prints the reply that came through a real tool call", async () => {
  const { code, stdout, stderr } = await openclaw("agent", "--message", "list files");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /AGENTS\.md/);
});

test("agent --verbose shows the tool calls on stderr", async () => {
  const { stdout, stderr } = await openclaw("agent", "--verbose", "-m", "list files");
  assert.match(stderr, /^· list /m);
  assert.doesNotMatch(stdout, /·/);
});

test("agent --json prints the last payload", async () => {
  const { code, stdout } = await openclaw("agent", "--message", "hello", "--session-key", "json", "--json");
  const { status, result } = JSON.parse(stdout);
  assert.deepEqual([code, status], [0, "ok"]);
  assert.match(result.payloads[0].text, /hello/);
});

test("a message with line breaks arrives as it is", async () => {
  const { stdout } = await openclaw("agent", "--session-key", "lines", "--message=one\ntwo");
  assert.match(stdout, /one(\n|\\n)two/);
});

test("an unknown agent is refused by name, exit 1", async () => {
  const { code, stderr } = await openclaw("agent", "--agent", "nobody", "--message", "hi");
  assert.equal(code, 1);
  assert.match(stderr, /^agent run failed: .*"nobody"/);
});

test("Ctrl-C stops the run at the gateway, not only the command", async () => {
  await using command = spawnOpenclaw(["agent", "--verbose", "-m", "run sleep 20"], gateway.state);
  const started = new Promise<void>((resolve) => command.child.stderr!.once("data", () => resolve()));
  await started;
  command.child.kill("SIGINT");
  const { code, stderr } = await command.ended;
  assert.equal(code, 1);
  assert.match(stderr, /agent run stopped/);
  assert.equal(gateway.running.services.turns.lanes.size(), 0);
});

test("gateway call prints the answer as JSON, and a refusal as it came", async () => {
  const answer = await openclaw("gateway", "call", "sessions.list", "--params", '{"limit":1}');
  assert.equal(JSON.parse(answer.stdout).sessions.length, 1);
  const unknown = await openclaw("gateway", "call", "no.such");
  assert.deepEqual([unknown.code, unknown.stderr], [1, "gateway call failed: unknown method: no.such\n"]);
  const broken = await openclaw("gateway", "call", "health", "--params", "{");
  assert.equal(broken.code, 2);
});

test("logs come from the gateway, newest last, as many as asked for", async () => {
  const { code, stdout } = await openclaw("logs", "--tail", "3");
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 3);
  for (const line of lines)
    assert.match(line, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (debug|info|warn|error) +\[[\w./-]+\] /);
  const raw = await openclaw("logs", "--json", "-n", "1");
  assert.equal(typeof JSON.parse(raw.stdout).message, "string");
});

test("logs --follow shows what comes and ends with Ctrl-C, exit 0", async () => {
  await using command = spawnOpenclaw(["logs", "--follow", "--limit", "1"], gateway.state);
  await command.printed(/\[/);
  const marker = `seen-${process.pid}`;
  gateway.running.services.sink.log.info(marker);
  await command.printed(new RegExp(marker));
  command.child.kill("SIGINT");
  assert.equal((await command.ended).code, 0);
});

test("the dashboard address carries the token in its fragment only", async () => {
  const { stdout, stderr } = await openclaw("dashboard", "--no-open");
  assert.equal(stdout, `http://127.0.0.1:${gateway.port}/#token=${gateway.token}\n`);
  assert.match(stderr, /contains your token/);
});

test("auth-token: where from, and on request the token alone", async () => {
  const told = await openclaw("gateway", "auth-token");
  assert.ok(!told.stdout.includes(gateway.token));
  const shown = await openclaw("gateway", "auth-token", "--show");
  assert.deepEqual([shown.stdout, shown.stderr], [`${gateway.token}\n`, ""]);
});

test("models status names the model in use", async () => {
  const { code, stdout } = await openclaw("models", "status");
  assert.equal(code, 0);
  assert.match(stdout, /^In use +\S+\/\S+/);
});

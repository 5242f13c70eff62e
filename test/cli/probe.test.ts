import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { reach } from "../../src/cli/call.ts";
import type { ProbeReport } from "../../src/cli/gateway-probe-payload.ts";
import { probeReportLines } from "../../src/cli/gateway-probe-report-lines.ts";
import { paint } from "../../src/cli/io.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { noOuterAddress, outerAddress } from "../kit/address.ts";
import { runHere } from "../kit/command.ts";
import { ELSEWHERE } from "../kit/device.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { freePort } from "../kit/port.ts";
import { noSsh, noSshd, openSshd } from "../kit/sshd.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";
import { openWsProxy } from "../kit/ws-proxy.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
});
after(() => gateway[Symbol.asyncDispose]());

const run = (state: StateFolder, ...words: string[]) => runHere(["gateway", "probe", ...words], state);

async function asData(
  state: StateFolder,
  ...words: string[]
): Promise<ProbeReport & { code: number | null }> {
  const { code, stdout } = await run(state, "--json", ...words);
  return { code, ...(JSON.parse(stdout) as ProbeReport) };
}

/** A machine whose commands use a gateway elsewhere, and that runs none itself. */
async function clientOf(url: string, remote: object = { token: TOKEN }): Promise<StateFolder> {
  return makeState({ gateway: { mode: "remote", port: await freePort(), remote: { url, ...remote } } });
}

/** Its commands have a key of their own, and show it to this gateway. */
function knowsDevice({ dir }: StateFolder, origin: string): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  const tokens = { [origin]: { token: "of-another-time", scopes: ["operator.read"], updatedAtMs: 1 } };
  mkdirSync(join(dir, "data"), { mode: 0o700 });
  writeFileSync(
    join(dir, "data/own-device.json"),
    JSON.stringify({ version: 1, privateKey: pem, createdAtMs: 1, tokens }),
    { mode: 0o600 },
  );
}

const codesOf = ({ warnings }: ProbeReport) => warnings.map(({ code }) => code);

test("the gateway of this machine: reachable, admin-capable, read, exit 0", async () => {
  const { code, stdout } = await run(gateway.state);
  assert.equal(code, 0);
  assert.match(stdout, /^Reachable: yes \(localLoopback\)\nCapability: admin-capable\n/);
  assert.match(
    stdout,
    /^ {2}Connect: ok \(\d+ ms, v\S+\)\n {2}Capability: admin-capable\n {2}Read probe: ok$/m,
  );
  const report = await asData(gateway.state);
  const [target] = report.targets;
  assert.deepEqual([report.ok, report.degraded, report.primaryTargetId], [true, false, "localLoopback"]);
  assert.deepEqual([target!.connect.ok, target!.connect.rpcOk], [true, true]);
  assert.deepEqual(report.warnings, []);
  assert.ok(!JSON.stringify(report).includes(TOKEN));
});

test("nothing reachable: exit 1, and each address says why", async () => {
  using state = await clientOf(`ws://127.0.0.1:${await freePort()}`);
  const { code, stdout } = await run(state);
  assert.equal(code, 1);
  assert.match(stdout, /^Reachable: no\nCapability: unknown\n/);
  assert.equal(stdout.match(/Connect: failed — openclaw connection error: gateway unreachable/g)?.length, 2);
  const report = await asData(state);
  assert.deepEqual([report.ok, report.primaryTargetId], [false, null]);
});

test("a wrong secret that is typed is not shown to the others", async () => {
  const url = `ws://127.0.0.1:${gateway.port}`;
  const { targets, primaryTargetId } = await asData(gateway.state, "--url", url, "--token", "wrong");
  assert.deepEqual(
    targets.map(({ id, connect }) => [id, connect.ok]),
    [
      ["explicit", false],
      ["localLoopback", true],
    ],
  );
  assert.equal(primaryTargetId, "localLoopback");
});

test("the secrets of this machine, also those of the environment, are not shown to the remote gateway", async () => {
  const frames: string[] = [];
  await using proxy = await openWsProxy({ port: gateway.port, onFrame: (text) => frames.push(text) });
  const secret = "SEC-of-the-environment-51";
  using state = makeState(localConfig(gateway.port, { gateway: { remote: { url: proxy.url } } }));
  await run(state);
  await runHere(["gateway", "probe"], state, { OPENCLAW_GATEWAY_TOKEN: secret });
  await run(state, "--token", "SEC-typed-72");
  assert.match(frames.join(), /"method":"connect"/);
  assert.doesNotMatch(frames.join(), /SEC-/);
});

test("[probe-multiple-gateways] the remote gateway is another one than that of this machine", async () => {
  await using other = await openGateway();
  const url = `ws://127.0.0.1:${other.port}`;
  using state = makeState(localConfig(gateway.port, { gateway: { remote: { url, token: TOKEN } } }));
  const { code, stdout } = await run(state);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^multiple reachable gateways detected: .*OPENCLAW_STATE_DIR.* \[multiple_gateways\]$/m,
  );
  const report = await asData(state);
  assert.deepEqual(report.warnings[0]!.targetIds, ["configRemote", "localLoopback"]);
  // The same one by two ways is one.
  state.write(
    localConfig(gateway.port, {
      gateway: { remote: { url: `ws://localhost:${gateway.port}`, token: TOKEN } },
    }),
  );
  assert.deepEqual(codesOf(await asData(state)), []);
});

test("[probe-read-limited] a device token without operator.read", async () => {
  using state = await clientOf(`ws://127.0.0.1:${gateway.port}`, {});
  const paths = resolvePaths(readEnv(state.env));
  const { port } = gateway;
  const target = { url: `ws://127.0.0.1:${port}`, host: "127.0.0.1", port, local: false, notices: [] };
  const paired = await reach(
    { ...target, credentials: { token: TOKEN } },
    { scopes: ["operator.pairing"], timeoutMs: 5_000, withDevice: true },
    paths,
  );
  assert.equal(paired.kind, "connected");
  if (paired.kind === "connected") paired.connection.close();

  const { code, stdout } = await run(state);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^Reachable: yes, degraded/);
  assert.match(stdout, /^Capability: connected-no-operator-scope$/m);
  assert.match(stdout, /^ {2}Read probe: limited - missing scope: operator\.read$/m);
  assert.ok(stdout.includes("Read-probe diagnostics are limited by gateway scopes (missing operator.read)"));
  assert.deepEqual(codesOf(await asData(state)), ["probe_scope_limited"]);
});

test("[probe-followup-failed] frames are dropped after the hello", async () => {
  await using proxy = await openWsProxy({ port: gateway.port, mutesAfterHello: true });
  using state = await clientOf(proxy.url);
  const report = await asData(state, "--timeout", "1s");
  const [target] = report.targets;
  assert.deepEqual([report.code, report.degraded], [0, true]);
  assert.deepEqual([target!.connect.ok, target!.connect.rpcOk], [true, false]);
  assert.equal(target!.facets.websocket.verdict, "yes");
  assert.equal(target!.facets.rpc.verdict, "no");
  const shown = probeReportLines(report, paint(false)).join("\n");
  assert.ok(
    shown.includes("Gateway accepted the WebSocket connection, but follow-up read diagnostics failed"),
  );
  assert.match(shown, /^ {2}Read probe: failed \(health, status, system-presence, config\.get\)$/m);
});

test("[probe-secretref-unresolved] a secret reference is named, and the probe goes without it", async () => {
  const token = { source: "env", provider: "default", id: "MISSING" };
  using state = makeState({ gateway: { mode: "local", port: gateway.port, auth: { mode: "token", token } } });
  const { code, stdout } = await run(state);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^gateway\.auth\.token SecretRef env:MISSING could not be resolved \[auth_secretref_unresolved\]$/m,
  );
  assert.match(stdout, /fix: openclaw config set gateway\.auth\.token '\$\{MISSING\}'/);
  const report = await asData(state);
  assert.deepEqual(codesOf(report), ["auth_secretref_unresolved"]);
  assert.equal(report.targets[0]!.facets.auth.verdict, "no");
});

test("[pairing-closed-1008] [pairing-capability-pending] a device that waits for its owner is reachable, and no more", async () => {
  await using proxy = await openWsProxy({ port: gateway.port, headers: ELSEWHERE });
  using state = await clientOf(proxy.url);
  knowsDevice(state, proxy.url);
  const { code, stdout } = await run(state);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /Connect: failed — gateway closed \(1008\): pairing required/);
  assert.match(stdout, /fix: openclaw devices approve \S+/);
  assert.match(stdout, /^ {2}Capability: pairing-pending$/m);
  const report = await asData(state);
  assert.equal(report.capability, "pairing_pending");
  assert.equal(report.targets[0]!.facets.auth.verdict, "no");
});

test("a paired device elsewhere looks with the rights it has, and asks its owner for no more", {
  skip: noOuterAddress,
}, async () => {
  const bind = { bind: "custom", customBindHost: "0.0.0.0" };
  await using far = await openGateway({ config: { gateway: bind } });
  using state = await clientOf(`ws://${outerAddress}:${far.port}`);
  Object.assign(state.env, { OPENCLAW_ALLOW_INSECURE_PRIVATE_WS: "1" });
  const asked = await runHere(["health"], state);
  assert.equal(asked.code, 1);
  const [, requestId] = /openclaw devices approve (\S+)/.exec(asked.stderr)!;
  const approved = await runHere(["devices", "approve", requestId!], far.state);
  assert.equal(approved.code, 0, approved.stderr);
  assert.equal((await runHere(["health"], state)).code, 0);

  const report = await asData(state);
  const [target] = report.targets;
  assert.deepEqual([target!.connect.rpcOk, target!.auth.capability], [true, "read_only"]);
  const devices = await far.running.services.devices.open();
  assert.deepEqual(devices.counts(), { paired: 1, pending: 0 });
});

test("what a gateway elsewhere calls itself cannot steer the terminal", async () => {
  await using proxy = await openWsProxy({
    port: gateway.port,
    rewrites: (text) => text.replace(/"version":"[^"]+"/, '"version":"\\u001b[2J1"'),
  });
  using state = await clientOf(proxy.url);
  for (const { stdout } of [await run(state), await runHere(["status"], state)]) {
    assert.match(stdout, /v\\u001b\[2J1/);
    assert.ok(!stdout.includes("\u001b"));
  }
});

test("[probe-ssh-failed] nobody listens where ssh is sent", { skip: noSsh }, async () => {
  const { code, stdout } = await run(gateway.state, "--ssh", `nobody@127.0.0.1:${await freePort()}`);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^SSH tunnel failed to start; falling back to direct probes\. \[ssh_tunnel_failed\]$/m,
  );
  assert.match(stdout, /^ {2}ssh exited \(255\): .*Connection refused/m);
  assert.match(stdout, /^ {2}Read probe: ok$/m);
});

test("[probe-ssh-failed] ssh does not know the machine, and asks nobody", { skip: noSshd }, async () => {
  await using sshd = await openSshd();
  const { targets, ...report } = await asData(gateway.state, "--ssh", sshd.target);
  assert.deepEqual(codesOf({ targets, ...report }), ["ssh_tunnel_failed"]);
  assert.match(report.warnings[0]!.detail!, /Host key verification failed/);
  assert.deepEqual(
    targets.map(({ id }) => id),
    ["localLoopback"],
  );
});

test("through a real sshd: the far gateway is the first that counts", { skip: noSshd }, async () => {
  await using sshd = await openSshd();
  const { port } = gateway;
  using state = makeState({
    gateway: {
      mode: "local",
      port: await freePort(),
      remote: { remotePort: port, sshIdentity: sshd.identity, token: TOKEN },
    },
  });
  state.env.PATH = `${sshd.shims}:${state.env.PATH}`;
  const report = await asData(state, "--ssh", sshd.target);
  assert.deepEqual([report.code, report.primaryTargetId], [0, "sshTunnel"], JSON.stringify(report.warnings));
  const [tunnel] = report.targets;
  assert.deepEqual([tunnel!.connect.rpcOk, tunnel!.auth.capability], [true, "admin_capable"]);
  assert.equal(tunnel!.via, `ssh ${sshd.target}`);
});

test("what ssh would take for an option is no address: exit 2", async () => {
  const { code, stderr } = await run(gateway.state, "--ssh=-oProxyCommand=id");
  assert.equal(code, 2);
  assert.match(stderr, /is no address for ssh/);
});

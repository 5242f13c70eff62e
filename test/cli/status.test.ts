import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { FACETS } from "../../src/cli/gateway-probe-facet.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { freePort, holdPort } from "../kit/port.ts";
import type { Ended } from "../kit/process.ts";
import { LAUNCHER, spawnGateway, spawnOpenclaw } from "../kit/process.ts";
import { writeShims } from "../kit/shims.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";
import { until } from "../kit/until.ts";

const show = (state: StateFolder, ...words: string[]): Promise<Ended> =>
  runHere(["gateway", "status", ...words], state);

/** A systemd that says this of the unit, on a machine where the unit is installed. */
function installUnit(
  state: StateFolder,
  { says, unit = [], args = "" }: { says?: string; unit?: readonly string[]; args?: string },
): void {
  const home = dirname(state.dir);
  const folder = join(home, ".config/systemd/user");
  mkdirSync(folder, { recursive: true });
  const exec = `ExecStart=${process.execPath} ${LAUNCHER} gateway run${args}`;
  const lines = ["[Service]", exec, `Environment=OPENCLAW_STATE_DIR=${state.dir}`, ...unit, ""];
  writeFileSync(join(folder, "openclaw-gateway.service"), lines.join("\n"));
  const systemctl = says === undefined ? "exit 1" : `cat <<'END'\n${says}\nEND`;
  state.env.PATH = `${writeShims(join(home, "shims"), { systemctl })}:${state.env.PATH}`;
}

const FAILED =
  "LoadState=loaded\nActiveState=inactive\nSubState=dead\nMainPID=0\nExecMainCode=1\nExecMainStatus=1\nUnitFileState=enabled";

test("[service-runtime-running] the supervisor says that it runs, although nothing listens", async () => {
  using state = makeState(localConfig(await freePort()));
  installUnit(state, {
    says: `LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=${process.pid}\nUnitFileState=enabled`,
  });
  const { code, stdout } = await show(state);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^Runtime: running \(systemd user service openclaw-gateway\.service, pid \d+, active, running; nobody holds the state folder of this command\)\nConnectivity probe: failed\n/,
  );
});

test("[service-runtime-stopped] a unit that has ended, and how", async () => {
  using state = makeState(localConfig(await freePort()));
  installUnit(state, { says: FAILED });
  const { code, stdout } = await show(state);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^Runtime: stopped \(systemd user service openclaw-gateway\.service, inactive, dead, exit code 1\)\n/,
  );
  const { service } = JSON.parse((await show(state, "--json")).stdout);
  assert.deepEqual([service.installed.state.exitCode, service.installed.state.enabled], [1, true]);
});

test("[service-config-mismatch] the service uses another config than this command", async () => {
  using state = makeState(localConfig(await freePort()));
  installUnit(state, { says: FAILED, unit: ["Environment=OPENCLAW_CONFIG_PATH=/srv/other.json"] });
  const { code, stdout } = await show(state);
  assert.equal(code, 0);
  const cli = state.configPath.replaceAll(".", "\\.");
  assert.match(
    stdout,
    new RegExp(
      `^Config \\(cli\\): ${cli}\nConfig \\(service\\): /srv/other\\.json \\(not that of this command\\)$`,
      "m",
    ),
  );
  const { config, facets } = JSON.parse((await show(state, "--json")).stdout);
  assert.deepEqual([config.service, config.mismatch], ["/srv/other.json", true]);
  assert.equal(facets.serviceConfig.verdict, "no");
});

test("[service-port-mismatch] the service pins another port; a supervisor that does not answer is said to be silent", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port));
  installUnit(state, { args: " --port 19555" });
  const { code, stdout } = await show(state);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^Gateway service port does not match current gateway config \[service-port-drift\]$/m,
  );
  assert.match(
    stdout,
    new RegExp(`the service listens on 19555\n {2}gateway\\.port is ${port}\n {2}fix: openclaw `),
  );
  assert.match(stdout, /^Service: openclaw-gateway\.service \(systemd, user\): systemd does not answer; /m);
});

test("[service-other-gateways] --deep finds a unit of another name that runs a gateway", async () => {
  using state = makeState(localConfig(await freePort()));
  installUnit(state, { says: FAILED });
  const folder = join(dirname(state.dir), ".config/systemd/user");
  const unit = "[Service]\nExecStart=/usr/bin/openclaw gateway --token SEC-unit-token-91\n";
  writeFileSync(join(folder, "assistant.service"), unit);
  assert.doesNotMatch((await show(state)).stdout, /Other gateway-like/);
  const { code, stdout } = await show(state, "--deep");
  assert.equal(code, 0);
  assert.match(stdout, /^Other gateway-like services detected \(best effort\)\n {2}\S+assistant\.service: /m);
  assert.match(stdout, /^ {4}fix: systemctl --user disable --now assistant\.service$/m);
  assert.doesNotMatch(stdout, /SEC-unit-token/);
});

test("a process that is stopped by a signal is there, answers nothing and keeps no command", {
  skip: process.platform !== "linux" && "only Linux tells",
}, async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  const { pid } = gateway.child;
  process.kill(pid!, "SIGSTOP");
  const ran = [
    await runHere(["status"], state),
    await show(state),
    await runHere(["health", "--wait", "200ms"], state),
  ];
  const { facets } = JSON.parse((await show(state, "--json")).stdout);
  process.kill(pid!, "SIGCONT");

  assert.deepEqual(
    ran.map(({ code }) => code),
    [1, 0, 1],
  );
  assert.match(ran[0]!.stdout, /^Gateway:\s+not connected\ngateway: unreachable\n/);
  assert.match(
    ran[0]!.stderr,
    new RegExp(`process ${pid} is there and answers nothing: a signal has stopped it`),
  );
  assert.match(ran[0]!.stderr, new RegExp(`fix: kill -CONT ${pid}$`, "m"));
  assert.match(
    ran[1]!.stdout,
    new RegExp(`^Runtime: running \\(foreground, pid ${pid}, stopped by a signal, answers nothing\\)`),
  );
  assert.match(ran[2]!.stderr, /^timeout waiting for gateway: did not become ready/);
  const verdicts = ["process", "port", "http", "websocket", "auth", "rpc"].map(
    (name) => facets[name].verdict,
  );
  assert.deepEqual(verdicts, ["yes", "yes", "no", "no", "unknown", "unknown"]);
  assert.equal((await runHere(["status"], state)).code, 0);
});

test("a gateway that is on its way is starting, before and after it listens", async () => {
  using state = makeState(localConfig(await freePort()));
  for (const [plan, shown] of [
    [
      "start.beforeListen=hang",
      /process \d+ is there and does not listen yet.*\n {2}fix: openclaw health --wait 30s/,
    ],
    ["start.afterListen=hang", /is not ready yet\n {2}fix: openclaw health --wait 30s/],
  ] as const) {
    await using _gateway = spawnOpenclaw(["gateway", "run"], state, { OPENCLAW_FAULT_PLAN: plan });
    const stage = plan.startsWith("start.before") ? "start" : "listening";
    const { bootsFile } = resolvePaths(readEnv(state.env));
    await until(
      `it is ${stage}`,
      () => existsSync(bootsFile) && readFileSync(bootsFile, "utf8").includes(`"${stage}"`),
    );
    const { code, stdout, stderr } = await runHere(["status"], state);
    assert.equal(code, 1);
    assert.match(stdout, /^Gateway:\s+not connected\ngateway: starting\n/, stderr);
    assert.match(stderr, shown);
    rmSync(bootsFile);
  }
});

test("another port than that of the running gateway is said to be just that", async () => {
  await using gateway = await openGateway();
  const { code, stderr } = await runHere(["status", "--port", String(await freePort())], gateway.state);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`has this state folder, and listens on ${gateway.port}; `));
});

test("status --deep of a healthy gateway proves each thing and is honest about what is not there", async () => {
  await using gateway = await openGateway({ config: { channels: { telegram: { enabled: true } } } });
  const { code, stdout } = await runHere(["status", "--deep"], gateway.state);
  assert.equal(code, 0);
  assert.match(stdout, /^Gateway:\s+connected \(v\S+\)\nUptime:/);
  assert.match(stdout, /^ {2}rights +yes +admin-capable: operator\.admin/m);
  assert.match(stdout, /^ {2}rpc +yes +status answered in \d+ ms$/m);
  assert.match(
    stdout,
    /^ {2}channels +no +Telegram default parked: not configured: channels\.telegram\.botToken is not set$/m,
  );
  assert.match(stdout, /^ {2}scheduler +no +this gateway has no scheduler yet/m);
  const report = JSON.parse((await runHere(["status", "--json"], gateway.state)).stdout);
  assert.deepEqual(Object.keys(report.facets), [...FACETS]);
  for (const { verdict, evidence, ageMs } of Object.values<Record<string, unknown>>(report.facets)) {
    assert.match(String(verdict), /^(yes|no|unknown)$/);
    assert.ok(evidence !== "" && Number(ageMs) >= 0);
  }
});

test("status --all is fit to be pasted: the machine, the gateways, the last starts, and no secret", async () => {
  await using gateway = await openGateway();
  const { sink } = gateway.running.services;
  sink.log.warn(`the token is ${TOKEN}`);
  await until("the log file has it", () => readFileSync(sink.file()!, "utf8").includes("the token is"));
  const { code, stdout } = await runHere(["status", "--all"], gateway.state);
  assert.equal(code, 0);
  for (const title of ["Probe", "Machine", "Gateways this machine knows of", "Last starts"])
    assert.match(stdout, new RegExp(`^${title}$`, "m"));
  assert.match(stdout, /the token is /);
  assert.ok(!stdout.includes(TOKEN));
});

test("the holder of the port is another program, and it is named", async () => {
  await using holder = await holdPort();
  holder.server.on("connection", (socket) => {
    socket.resume().end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
  });
  using state = makeState(localConfig(holder.port));
  const { facets, port } = JSON.parse((await show(state, "--json")).stdout);
  assert.equal(port.holder.pid, process.pid);
  assert.equal(facets.port.verdict, "no");
  assert.match(facets.port.evidence, /^another (program|gateway) holds 127\.0\.0\.1:\d+: pid \d+/);
});

test("gateway discover: this folder, another profile, the remote one; nobody is shown a secret", async () => {
  await using gateway = await openGateway();
  const seen: string[] = [];
  await using stranger = await holdPort();
  stranger.server.on("connection", (socket) => {
    socket.on("data", (data) => seen.push(data.toString())).end("HTTP/1.1 404 Not Found\r\n\r\n");
  });
  const remote = { url: `ws://127.0.0.1:${stranger.port}`, token: TOKEN };
  const home = dirname(gateway.state.dir);
  mkdirSync(join(home, ".openclaw-work"));
  const closed = await freePort();
  writeFileSync(join(home, ".openclaw-work/openclaw.json"), JSON.stringify(localConfig(closed)));
  gateway.state.write(localConfig(gateway.port, { gateway: { remote } }));

  const { code, stdout } = await runHere(["gateway", "discover", "--json"], gateway.state);
  assert.equal(code, 0);
  const { gateways } = JSON.parse(stdout) as { gateways: { port: number; state: string; from: string[] }[] };
  const stateOf = (port: number) => gateways.find((each) => each.port === port);
  assert.deepEqual(
    [stateOf(gateway.port)!.state, stateOf(gateway.port)!.from[0]],
    ["started", "this state folder"],
  );
  assert.deepEqual([stateOf(closed)!.state, stateOf(closed)!.from], ["closed", ["profile work"]]);
  assert.deepEqual(
    [stateOf(stranger.port)!.state, stateOf(stranger.port)!.from],
    ["unknown", ["gateway.remote.url"]],
  );
  assert.doesNotMatch(seen.join(""), /SEC-token|authorization/i);
  const shown = await runHere(["gateway", "discover"], gateway.state);
  assert.match(shown.stdout, /answers +this state folder/);
  assert.match(shown.stderr, /not at the network/);
});

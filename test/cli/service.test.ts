import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { installService } from "../../src/cli/install-service.ts";
import { openContext } from "../../src/cli/open-context.ts";
import { stopGateway } from "../../src/cli/stop-gateway.ts";
import { uninstallService } from "../../src/cli/uninstall-service.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { serviceMachine } from "../../src/platform/service/machine.ts";
import { bootsOf, endBackgroundGateway } from "../kit/background.ts";
import { runHere } from "../kit/command.ts";
import { idsOf, runDoctor } from "../kit/doctor.ts";
import { namespaceRefusal } from "../kit/namespace.ts";
import { freePort } from "../kit/port.ts";
import { LAUNCHER, spawnGateway } from "../kit/process.ts";
import { openServiceAccount } from "../kit/service-account.ts";
import { QUIET, systemdShims, writeShims } from "../kit/shims.ts";
import { localConfig, makeState } from "../kit/state.ts";

const skip = namespaceRefusal() ?? false;
const NAME = "openclaw-gateway.service";
const DRIFT = [
  "service-config-drift",
  "service-node-missing",
  "service-port-drift",
  "service-proxy-env",
  "service-version-drift",
];

test("[service-runtime-running] [service-runtime-stopped] [service-port-mismatch] a service: install, status, restart, another port, stop, start, uninstall", {
  skip,
}, async () => {
  await using account = await openServiceAccount();
  const { state, port, units, home } = account;
  using _end = endBackgroundGateway(state);
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await runHere(words, state);
    assert.equal(code, 0, `${words.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };

  const installed = await run("service", "install");
  assert.equal(
    installed,
    [
      `Gateway service installed: ${NAME}`,
      `Definition: /etc/systemd/system/${NAME}`,
      `Gateway is ready on :${port}`,
      `Look at it: systemctl status ${NAME}`,
      "",
    ].join("\n"),
  );
  assert.deepEqual(
    account.calls().filter((call) => !call.startsWith("show")),
    ["daemon-reload", `enable ${NAME}`, `reset-failed ${NAME}`, `restart ${NAME}`],
  );
  const unit = join(units, NAME);
  assert.equal(statSync(unit).mode & 0o777, 0o644);
  assert.ok(lstatSync(join(units, "openclaw.service")).isSymbolicLink());

  const running = await run("service", "status");
  assert.match(running, /^Runtime: running \(pid \d+\)$/m);
  assert.match(running, new RegExp(`^Port: ${port}$`, "m"));
  assert.match(running, /^Config \(cli\): (.*)\nConfig \(service\): \1$/m);
  const next = await freePort();
  const { stderr: hint } = await runHere(["config", "set", "gateway.port", String(next)], state);
  assert.match(
    hint,
    new RegExp(`^notice: the service ${NAME} listens on ${port} until it is written anew: `, "m"),
  );
  const old = readFileSync(unit, "utf8")
    .replace(process.execPath, "/gone/node")
    .replace(/OPENCLAW_CONFIG_PATH=\S+/, "OPENCLAW_CONFIG_PATH=/srv/openclaw.json")
    .replace(/OPENCLAW_SERVICE_VERSION=\S+/, "OPENCLAW_SERVICE_VERSION=2025.1.1")
    .replace("Restart=always", "Environment=HTTP_PROXY=http://10.0.0.1:3128\n$&");
  writeFileSync(unit, old);
  const drifted = await runDoctor(state, ["--only", "service-unit"]);
  assert.deepEqual(idsOf(drifted).sort(), DRIFT);
  for (const { id, fix, repair } of drifted.findings.filter(({ id }) => DRIFT.includes(id)))
    assert.deepEqual([fix, repair?.level], ["openclaw doctor --fix", "safe"], id);
  const found = drifted.findings.find(({ id }) => id === "service-port-drift");
  assert.equal(found?.title, "Gateway service port does not match current gateway config");
  const fixed = await runDoctor(state, ["--fix", "--non-interactive"]);
  assert.equal(fixed.code, 0, JSON.stringify(fixed));
  assert.deepEqual(
    fixed.repairs?.map(({ id, outcome }) => `${id} ${outcome}`).sort(),
    DRIFT.map((id) => `${id} fixed`),
  );
  assert.match(readFileSync(unit, "utf8"), new RegExp(`--port ${next}$`, "m"));
  assert.equal(
    await run("restart"),
    `Gateway service restart requested: ${NAME}\nGateway is ready on :${next}\n`,
  );
  assert.equal(new Set(bootsOf(state).map(({ pid }) => pid)).size, 2, "a new process");

  assert.match(
    await run("gateway", "stop"),
    new RegExp(`^Gateway service stopped: ${NAME} \\(port ${next}\\)\\.$`, "m"),
  );
  assert.match(await run("service", "status"), /^Runtime: stopped \(exit code 0; inactive, dead\)$/m);
  assert.match(
    await run("restart"),
    new RegExp(`^Gateway service started: ${NAME}\nGateway is ready on :${next}$`, "m"),
  );
  assert.match(await run("stop", "--disable"), /does not start by itself any more/);
  assert.match(await run("gateway", "start"), new RegExp(`^Gateway is ready on :${next}$`, "m"));

  const removed = await run("gateway", "uninstall");
  assert.match(
    removed,
    new RegExp(`^Gateway service removed: ${NAME}\n {2}/etc/systemd/system/${NAME}$`, "m"),
  );
  assert.ok(!existsSync(unit) && existsSync(join(home, ".openclaw/openclaw.json")));
  assert.match(await run("gateway", "uninstall"), /nothing to remove/);
  const none = await runHere(["gateway", "start"], state);
  assert.equal(none.code, 1);
  assert.match(
    none.stderr,
    /^Gateway service disabled\.\n(Tip: .*\n){5} {2}fix: openclaw gateway install\n$/,
  );
});

test("install takes over from a gateway that runs, and refuses a config that would not start", {
  skip,
}, async () => {
  await using account = await openServiceAccount();
  const { state, units } = account;
  using _end = endBackgroundGateway(state);
  const config = readFileSync(state.configPath, "utf8");
  state.write({ gateway: {} });
  const refused = await runHere(["gateway", "install"], state);
  assert.equal(refused.code, 78, refused.stdout);
  assert.match(refused.stderr, /set gateway\.mode=local \(current: unset\)/);
  assert.ok(!existsSync(join(units, NAME)));

  state.write(JSON.parse(config));
  await using gateway = await spawnGateway(state);
  const { code, stdout, stderr } = await runHere(["gateway", "install"], state, {
    OPENAI_API_KEY: 'SEC-key "$x%h',
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`^The gateway that ran here was stopped: ${gateway.child.pid}\\.$`, "m"));
  assert.equal((await gateway.ended).code, 0);
  const secrets = join(state.dir, "data/service.env");
  assert.equal(statSync(secrets).mode & 0o777, 0o600);
  assert.equal(readFileSync(secrets, "utf8"), 'OPENAI_API_KEY="SEC-key \\"\\$x%h"\n');
  assert.ok(!readFileSync(join(units, NAME), "utf8").includes("SEC-key"));

  // A config that breaks meanwhile: the service goes on.
  state.write("{ nonsense");
  const restarts = () => account.calls().filter((call) => call.startsWith("restart")).length;
  const before = restarts();
  const broken = await runHere(["restart"], state);
  assert.equal(broken.code, 78);
  assert.equal(restarts(), before);
  state.write({ ...JSON.parse(config), meta: { lastTouchedVersion: "2099.1.1" } });
  for (const words of [["install", "--force"], ["uninstall"], ["start"], ["stop"], ["restart"]]) {
    const guarded = await runHere(["gateway", ...words], state);
    assert.equal(guarded.code, 1);
    assert.match(guarded.stderr, /^Refusing to .* because this OpenClaw binary \(\S+\) is older than/);
  }
  writeFileSync(state.configPath, config);
  assert.equal((await runHere(["service", "uninstall"], state)).code, 0);
});

/** A systemd that answers, and one that does not. */
const MANAGERS = { there: { systemctl: "echo Version=252" }, none: QUIET } as const;

const REFUSALS = [
  {
    name: "no supervisor",
    manager: "none",
    says: /^No supported service manager detected\n(Tip: .*\n)+ {2}systemd says: .*\n {2}fix: openclaw restart\n$/,
  },
  {
    name: "a home that is not that of the account",
    manager: "there",
    says: /^service management skipped: non-default state dir or config path \(the home folder here is .*\n.*\n {2}fix: .*openclaw gateway install\n$/,
  },
  {
    name: "another supervisor in charge",
    manager: "there",
    env: { OPENCLAW_SUPERVISOR_MODE: "external" },
    says: /^service management skipped: another supervisor is in charge\n/,
  },
] as const;
for (const { name, manager, says, ...rest } of REFUSALS) {
  test(`${name}: no service is installed, exit 1`, async () => {
    using state = makeState(localConfig(await freePort()));
    const shims = writeShims(join(state.dir, "../shims"), MANAGERS[manager]);
    const env = { PATH: `${shims}:${state.env.PATH}`, ...("env" in rest ? rest.env : {}) };
    const { code, stdout, stderr } = await runHere(["service", "install"], state, env);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, says);
  });
}

test("[service-config-mismatch] [service-other-gateways] openclaw service status: what is written in units, and what does not fit", async () => {
  using state = makeState(localConfig(18_801));
  const home = join(state.dir, "..");
  const units = join(home, ".config/systemd/user");
  mkdirSync(units, { recursive: true });
  const exec = `[Service]\nExecStart=${process.execPath} ${LAUNCHER} gateway run --port 18802\n`;
  writeFileSync(join(units, NAME), `${exec}Environment=OPENCLAW_CONFIG_PATH=/srv/openclaw.json\n`);
  writeFileSync(join(units, "assistant.service"), `${exec}Environment=OPENCLAW_GATEWAY_TOKEN=SEC-other\n`);
  const stopped =
    "printf 'LoadState=loaded\\nActiveState=failed\\nSubState=failed\\nExecMainCode=1\\nExecMainStatus=1\\nResult=exit-code\\n'";
  const shims = writeShims(join(home, "shims"), { systemctl: stopped });
  const env = { PATH: `${shims}:${state.env.PATH}` };
  const { code, stdout, stderr } = await runHere(["service", "status", "--deep"], state, env);
  assert.equal(code, 0);
  assert.match(stdout, /^Runtime: stopped \(exit code 1; failed, failed, exit-code\)$/m);
  assert.match(
    stdout,
    /^Config \(cli\): .*\.openclaw\/openclaw\.json\nConfig \(service\): \/srv\/openclaw\.json$/m,
  );
  assert.match(
    stdout,
    /^Other gateway-like services detected \(best effort\):\n {2}.*assistant\.service \(stopped/m,
  );
  assert.match(
    stderr,
    /^problem: Gateway service port does not match current gateway config: the service listens on 18802, gateway\.port is 18801$/m,
  );
  assert.doesNotMatch(stdout + stderr, /SEC-/);
  const asJson = await runHere(["service", "status", "--deep", "--json"], state, env);
  assert.doesNotMatch(asJson.stdout, /SEC-/);
  const [service] = JSON.parse(asJson.stdout).services;
  assert.deepEqual([service.own, service.port, service.state.exitCode], [true, 18_802, 1]);
});

test("a service of the account: by a wrapper, with the hint about lingering", async () => {
  using state = makeState();
  delete state.env.OPENCLAW_STATE_DIR;
  const port = await freePort();
  state.write(localConfig(port));
  const home = join(state.dir, "..");
  const shims = writeShims(join(home, "shims"), systemdShims(join(home, "fake-systemd")));
  const wrapper = join(
    writeShims(join(home, "bin"), { openclaw: `exec '${process.execPath}' '${LAUNCHER}' "$@"` }),
    "openclaw",
  );
  const env = readEnv({ ...state.env, PATH: `${shims}:${state.env.PATH}`, OPENCLAW_WRAPPER: wrapper });
  const lines: string[] = [];
  using context = openContext({
    ...{ env, paths: resolvePaths(env), verbose: false, name: "gateway install", args: {} },
    io: {
      ...{ out: (line: string) => lines.push(line), note: (line: string) => lines.push(line) },
      ...{ terminal: false, watched: false, color: { out: false, note: false } },
    },
  });
  const machine = { ...serviceMachine(env), uid: 1_000, user: "ann", accountHome: env.home };
  const account = Object.assign(context, { machine });
  await installService({ force: false, system: false, waitMs: 20_000 }, account);
  assert.deepEqual(lines, [
    `Gateway service installed: ${NAME}`,
    `Definition: ${home}/.config/systemd/user/${NAME}`,
    `Gateway is ready on :${port}`,
    "To keep it running without a login, and after a reboot: sudo loginctl enable-linger ann",
    `Look at it: systemctl --user status ${NAME}`,
  ]);
  const unit = readFileSync(join(home, ".config/systemd/user", NAME), "utf8");
  assert.match(unit, new RegExp(`^ExecStart=${wrapper} gateway run --port ${port}$`, "m"));
  const stopped = await stopGateway({ disable: false }, account);
  assert.deepEqual([stopped.running, stopped.service], [true, NAME]);
  const { removed } = await uninstallService(account);
  assert.deepEqual(removed, [join(home, ".config/systemd/user", NAME)]);
});

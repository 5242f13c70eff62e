import assert from "node:assert/strict";
import { existsSync, lstatSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bootsOf, endBackgroundGateway } from "../kit/background.ts";
import { runDoctor } from "../kit/doctor.ts";
import { namespaceRefusal } from "../kit/namespace.ts";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway } from "../kit/process.ts";
import { openServiceAccount } from "../kit/service-account.ts";

const skip = namespaceRefusal() ?? false;
const NAME = "openclaw-gateway.service";

test("[service-runtime-running] [service-runtime-stopped] [service-port-mismatch] a service: install, status, restart, another port, stop, start, uninstall", {
  skip,
}, async () => {
  await using account = await openServiceAccount();
  const { state, port, units, home } = account;
  using _end = endBackgroundGateway(state);
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await runOpenclaw(words, state);
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
  assert.match(await run("gateway", "install"), /^Gateway service is installed already: .* \(running\)$/m);
  assert.equal(
    await run("restart"),
    `Gateway service restart requested: ${NAME}\nGateway is ready on :${port}\n`,
  );
  assert.equal(new Set(bootsOf(state).map(({ pid }) => pid)).size, 2, "a new process");

  const next = await freePort();
  await run("config", "set", "gateway.port", String(next));
  const drifted = await runDoctor(state);
  const found = drifted.findings.find(({ id }) => id === "service-port-drift");
  assert.equal(found?.title, "Gateway service port does not match current gateway config");
  assert.equal(found?.fix, "openclaw doctor --fix");
  assert.equal(found?.repair?.level, "safe");
  const fixed = await runDoctor(state, ["--fix", "--non-interactive"]);
  assert.equal(fixed.code, 0, JSON.stringify(fixed));
  assert.match(readFileSync(unit, "utf8"), new RegExp(`--port ${next}$`, "m"));
  assert.match(await run("gateway", "restart"), new RegExp(`^Gateway is ready on :${next}$`, "m"));

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
  assert.match(await run("service", "status"), /^Starts by itself: no$/m);
  assert.match(await run("gateway", "start"), new RegExp(`^Gateway is ready on :${next}$`, "m"));

  const removed = await run("gateway", "uninstall");
  assert.match(
    removed,
    new RegExp(`^Gateway service removed: ${NAME}\n {2}/etc/systemd/system/${NAME}$`, "m"),
  );
  assert.ok(!existsSync(unit) && existsSync(join(home, ".openclaw/openclaw.json")));
  assert.match(await run("gateway", "uninstall"), /nothing to remove/);
  const none = await runOpenclaw(["gateway", "start"], state);
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
  const refused = await runOpenclaw(["gateway", "install"], state);
  assert.equal(refused.code, 78, refused.stdout);
  assert.match(refused.stderr, /set gateway\.mode=local \(current: unset\)/);
  assert.ok(!existsSync(join(units, NAME)));

  state.write(JSON.parse(config));
  await using gateway = await spawnGateway(state);
  const { code, stdout, stderr } = await runOpenclaw(["gateway", "install"], state, {
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
  const broken = await runOpenclaw(["restart"], state);
  assert.equal(broken.code, 78);
  assert.equal(restarts(), before);
  state.write({ ...JSON.parse(config), meta: { lastTouchedVersion: "2099.1.1" } });
  for (const words of [["install", "--force"], ["uninstall"], ["start"], ["stop"], ["restart"]]) {
    const guarded = await runOpenclaw(["gateway", ...words], state);
    assert.equal(guarded.code, 1);
    assert.match(guarded.stderr, /^Refusing to .* because this OpenClaw binary \(\S+\) is older than/);
  }
  writeFileSync(state.configPath, config);
  assert.equal((await runOpenclaw(["service", "uninstall"], state)).code, 0);
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { resolvePaths } from "../paths.ts";
import systemd, { readState } from "./managers/systemd.ts";
import { describedMachine } from "./service-machine.fixture.ts";
import type { ServiceLevel } from "./service-manager.ts";
import { serviceSpec } from "./spec.ts";
import { parseEnvironmentFile, parseUnit } from "./systemd-unit.ts";

function specFor(level: ServiceLevel, home: string, profile = "default", env: NodeJS.ProcessEnv = {}) {
  const machine = describedMachine({ platform: "linux", home, env, uid: level === "system" ? 0 : 1000 });
  return serviceSpec({
    ...{ manager: systemd, level, machine, port: 18_800, version: "2026.11.1" },
    paths: resolvePaths(machine.env, { profile }),
    program: { node: "/opt/node 24/bin/node", launcher: "/opt/100% $HOME/openclaw.cjs" },
  });
}

test("a unit says what its reader reads: program, port, places and version, odd paths included", () => {
  const spec = specFor("user", "/home/ann", "work", { OPENAI_API_KEY: 'a"$b\\c' });
  const [unit, secrets] = systemd.files(spec);
  assert.equal(unit!.path, "/home/ann/.config/systemd/user/openclaw-gateway-work.service");
  const { argv, env, environmentFiles } = parseUnit([String(unit!.content)], {
    home: "/home/ann",
    unit: "x",
  });
  assert.deepEqual(argv, [
    "/opt/node 24/bin/node",
    "--disable-wasm-trap-handler",
    "/opt/100% $HOME/openclaw.cjs",
    ...["--profile", "work", "gateway", "run", "--port", "18800"],
  ]);
  assert.equal(env.OPENCLAW_STATE_DIR, "/home/ann/.openclaw-work");
  assert.equal(env.OPENCLAW_CONFIG_PATH, "/home/ann/.openclaw-work/openclaw.json");
  assert.equal(env.OPENCLAW_SERVICE_VERSION, "2026.11.1");
  assert.ok(env.PATH!.startsWith("/opt/node 24/bin:"));
  assert.deepEqual(environmentFiles, [{ path: secrets!.path, optional: true }]);
  assert.equal(secrets!.mode, 0o600);
  assert.deepEqual(parseEnvironmentFile(String(secrets!.content)), { OPENAI_API_KEY: 'a"$b\\c' });
  assert.ok(!String(unit!.content).includes("OPENAI"));
});

test("a line feed in a path is no setting of its own", () => {
  const spec = { ...specFor("user", "/home/ann"), argv: ["/opt/x\nExecStartPre=/bin/evil"] };
  const text = String(systemd.files(spec)[0]!.content);
  assert.doesNotMatch(text, /^ExecStartPre/m);
  assert.deepEqual(parseUnit([text], { home: "/", unit: "x" }).argv, spec.argv);
});

const SETTINGS = [
  "After=network-online.target",
  "Wants=network-online.target",
  "StartLimitIntervalSec=0",
  "Restart=always",
  "RestartSec=5",
  "RestartMaxDelaySec=60",
  "RestartPreventExitStatus=78",
  "KillMode=mixed",
  "TimeoutStopSec=40",
  "NoNewPrivileges=yes",
  "Alias=openclaw.service",
] as const;

for (const level of ["user", "system"] as const) {
  test(`the unit of a ${level} service restarts for ever, but not after 78`, () => {
    const lines = String(systemd.files(specFor(level, "/home/nobody-here"))[0]!.content).split("\n");
    for (const setting of SETTINGS) assert.ok(lines.includes(setting), setting);
    assert.equal(lines.includes("WantedBy=multi-user.target"), level === "system");
    assert.equal(lines.includes("WantedBy=default.target"), level === "user");
    assert.equal(lines.includes("User=ann"), level === "system");
  });

  const analyze = spawnSync("systemd-analyze", ["--version"], { encoding: "utf8" });
  test(`systemd itself reads the unit of a ${level} service`, {
    skip: analyze.status !== 0 && "systemd-analyze is not here",
  }, () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "openclaw-unit-"));
    const spec = { ...specFor(level, folder.path), argv: [process.execPath, "a b", "100%"] };
    const file = join(folder.path, "openclaw-gateway.service");
    const text = String(systemd.files(spec)[0]!.content).replace("User=ann", "User=root");
    writeFileSync(file, text);
    const { stderr } = spawnSync("systemd-analyze", ["verify", `--${level}`, "--man=no", file], {
      encoding: "utf8",
      env: { ...process.env, XDG_RUNTIME_DIR: folder.path, SYSTEMD_LOG_LEVEL: "warning" },
    });
    // What an older systemd does not know it passes over, and says so.
    const complaints = stderr
      .split("\n")
      .filter((line) => line.includes("openclaw-gateway") && !/RestartSteps|RestartMaxDelaySec/.test(line));
    assert.deepEqual(complaints, []);
  });
}

test("commands of the account and of the machine", async () => {
  const machine = describedMachine({
    platform: "linux",
    home: "/home/ann",
    answer: (line) =>
      line.includes(" show ") ? { exitCode: 0, output: "LoadState=loaded\nActiveState=active" } : undefined,
  });
  const ref = systemd.ref("default", "user", machine);
  await systemd.install(ref, machine);
  await systemd.stop(ref, machine, { disable: true });
  await systemd.uninstall(ref, machine);
  assert.deepEqual(
    machine.ran.filter((line) => !line.includes(" show ")),
    [
      "systemctl --user daemon-reload",
      "systemctl --user enable openclaw-gateway.service",
      "systemctl --user reset-failed openclaw-gateway.service",
      "systemctl --user restart openclaw-gateway.service",
      "systemctl --user stop openclaw-gateway.service",
      "systemctl --user disable openclaw-gateway.service",
      "systemctl --user disable --now openclaw-gateway.service",
    ],
  );
  assert.equal(
    systemd.words(systemd.ref("default", "system", machine)).disable,
    "sudo systemctl disable --now openclaw-gateway.service",
  );
});

test("what systemd refuses is told in its own words, with the way on", async () => {
  const machine = describedMachine({
    platform: "linux",
    home: "/home/ann",
    answer: () => ({ exitCode: 1, output: "Interactive authentication required." }),
  });
  const ref = systemd.ref("default", "system", machine);
  await assert.rejects(systemd.restart(ref, machine), {
    message: "the service manager refused: systemctl restart openclaw-gateway.service",
    lines: ["Interactive authentication required."],
    fix: "sudo systemctl restart openclaw-gateway.service",
  });
});

const SHOWN = [
  {
    name: "running",
    text: "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nMainPID=12\nExecMainCode=0\nExecMainStatus=0\nResult=success",
    want: { loaded: true, enabled: true, runtime: "running", pid: 12, detail: "active, running" },
  },
  {
    name: "between two attempts",
    text: "LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nMainPID=0\nExecMainCode=1\nExecMainStatus=1\nResult=exit-code",
    want: { loaded: true, runtime: "failed", exitCode: 1, detail: "activating, auto-restart, exit-code" },
  },
  {
    name: "killed",
    text: "LoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\nExecMainCode=2\nExecMainStatus=9\nResult=signal",
    want: { loaded: true, runtime: "failed", signal: "SIGKILL", detail: "failed, failed, signal" },
  },
  {
    name: "unknown to it",
    text: "LoadState=not-found\nActiveState=inactive",
    want: { loaded: false, runtime: "stopped" },
  },
] as const;
for (const { name, text, want } of SHOWN) {
  test(`a unit that is ${name}`, () => assert.deepEqual(readState(text), want));
}

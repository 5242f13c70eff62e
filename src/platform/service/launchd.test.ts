import assert from "node:assert/strict";
import { test } from "node:test";
import { resolvePaths } from "../paths.ts";
import { parseLaunchdPlist } from "./launchd-plist.ts";
import launchd, { readState } from "./managers/launchd.ts";
import { describedMachine, type MachineInput } from "./service-machine.fixture.ts";
import { serviceSpec } from "./spec.ts";

const HOME = "/Users/ann";
const mac = (input: Partial<MachineInput> = {}) =>
  describedMachine({ platform: "darwin", home: HOME, uid: 501, ...input });

test("a property list says what its reader reads, keys included, for its owner alone", () => {
  const machine = mac({ env: { OPENAI_API_KEY: "a&<b>" } });
  const spec = serviceSpec({
    ...{ manager: launchd, level: "user", machine, port: 18_789, version: "2026.11.1" },
    paths: resolvePaths(machine.env, {}),
    program: { node: "/opt/homebrew/bin/node", launcher: "/opt/a & b/openclaw.cjs" },
  });
  const [file, ...more] = launchd.files(spec);
  assert.deepEqual(more, []);
  assert.equal(file!.path, `${HOME}/Library/LaunchAgents/ai.openclaw.gateway.plist`);
  assert.equal(file!.mode, 0o600);
  const text = String(file!.content);
  const job = parseLaunchdPlist(text)!;
  assert.equal(job.label, "ai.openclaw.gateway");
  assert.deepEqual(job.argv.slice(-4), ["gateway", "run", "--port", "18789"]);
  assert.equal(job.argv[2], "/opt/a & b/openclaw.cjs");
  assert.equal(job.env.OPENAI_API_KEY, "a&<b>");
  assert.equal(job.env.OPENCLAW_STATE_DIR, `${HOME}/.openclaw`);
  for (const key of ["RunAtLoad", "KeepAlive"]) assert.ok(text.includes(`<key>${key}</key><true/>`));
  assert.ok(text.includes("<key>ExitTimeOut</key><integer>40</integer>"));
});

test("labels: of a profile, and one that was chosen", () => {
  assert.equal(launchd.ref("work", "user", mac()).name, "ai.openclaw.work");
  const chosen = mac({ env: { OPENCLAW_LAUNCHD_LABEL: "org.example.gateway" } });
  assert.equal(launchd.ref("default", "user", chosen).name, "org.example.gateway");
  assert.equal(
    launchd.ref("default", "system", mac()).file,
    "/Library/LaunchDaemons/ai.openclaw.gateway.plist",
  );
});

const notLoaded = (line: string) =>
  line.startsWith("launchctl print") ? { exitCode: 113, output: "Could not find service" } : undefined;
const loaded = (line: string) =>
  line.startsWith("launchctl print") ? { exitCode: 0, output: "\tstate = running\n\tpid = 77\n" } : undefined;

test("install loads it anew; restart is one operation; stop takes it out, --disable for good", async () => {
  const fresh = mac({ answer: notLoaded });
  const ref = launchd.ref("default", "user", fresh);
  await launchd.install(ref, fresh);
  const target = "gui/501/ai.openclaw.gateway";
  assert.deepEqual(fresh.ran, [
    `launchctl bootout ${target}`,
    `launchctl print ${target}`,
    `launchctl enable ${target}`,
    `launchctl bootstrap gui/501 ${ref.file}`,
  ]);
  const running = mac({ answer: loaded });
  await launchd.restart(ref, running);
  await launchd.stop(ref, running, { disable: true });
  assert.deepEqual(
    running.ran.filter((line) => !line.includes(" print ")),
    [`launchctl kickstart -k ${target}`, `launchctl bootout ${target}`, `launchctl disable ${target}`],
  );
});

test("a daemon of the machine with the same label is in the way", async () => {
  const machine = mac({ files: { "/Library/LaunchDaemons/ai.openclaw.gateway.plist": "<plist/>" } });
  await assert.rejects(launchd.install(launchd.ref("default", "user", machine), machine), {
    message: "a system LaunchDaemon has the label ai.openclaw.gateway already",
    fix: "sudo launchctl bootout system/ai.openclaw.gateway",
  });
  assert.deepEqual(machine.ran, []);
});

test("what launchctl print says", () => {
  assert.deepEqual(readState("gui/501/x = {\n\tstate = running\n\tpid = 77\n\tlast exit code = 1\n}"), {
    ...{ loaded: true, enabled: true, runtime: "running", pid: 77, detail: "running" },
  });
  assert.deepEqual(readState("gui/501/x = {\n\tstate = not running\n\tlast exit code = 78: EX_CONFIG\n}"), {
    ...{ loaded: true, enabled: true, runtime: "failed", exitCode: 78, detail: "not running" },
  });
});

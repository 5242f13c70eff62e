import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLaunchctl, parseSystemctl } from "./service-runtime.ts";

test("systemctl: what runs, what has ended by itself, what was killed", () => {
  const show = (fields: Record<string, string | number>) =>
    parseSystemctl(
      Object.entries(fields)
        .map(([name, value]) => `${name}=${value}`)
        .join("\n"),
    );
  const loaded = { LoadState: "loaded", MainPID: 42, UnitFileState: "disabled" };
  assert.deepEqual(show({ ...loaded, ActiveState: "active", SubState: "running" }), {
    loaded: true,
    runtime: "running",
    enabled: false,
    pid: 42,
    detail: "active, running",
  });
  const ended = { ActiveState: "failed", SubState: "failed", MainPID: 0 };
  assert.equal(show({ ...ended, ExecMainCode: 1, ExecMainStatus: 78 }).exitCode, 78);
  assert.equal(show({ ...ended, ExecMainCode: 2, ExecMainStatus: 9 }).signal, "signal 9");
  assert.equal(show({ ActiveState: "activating", SubState: "auto-restart" }).runtime, "failed");
  assert.equal(parseSystemctl("Failed to connect to bus").runtime, "unknown");
});

test("launchctl: the same of a job", () => {
  const running = "gui/501/ai.openclaw.gateway = {\n\tstate = running\n\tpid = 42\n}";
  assert.deepEqual(parseLaunchctl(running), { loaded: true, runtime: "running", pid: 42, detail: "running" });
  const ended = parseLaunchctl("x = {\n\tstate = not running\n\tlast exit code = 1\n}");
  assert.deepEqual([ended.runtime, ended.exitCode], ["stopped", 1]);
  assert.equal(parseLaunchctl("Could not find service").runtime, "unknown");
});

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
  assert.deepEqual(
    show({ ActiveState: "active", SubState: "running", MainPID: 42, UnitFileState: "disabled" }),
    { active: true, state: "active (running)", pid: 42, enabled: false },
  );
  const ended = { ActiveState: "failed", SubState: "failed", MainPID: 0 };
  assert.equal(show({ ...ended, ExecMainCode: 1, ExecMainStatus: 78 })?.exit, "exit status 78");
  assert.equal(show({ ...ended, ExecMainCode: 2, ExecMainStatus: 9 })?.exit, "killed by signal 9");
  assert.equal(show({ ...ended, ExecMainCode: 1, ExecMainStatus: 0 })?.exit, undefined);
  assert.equal(parseSystemctl("Failed to connect to bus"), undefined);
});

test("launchctl: the same of a job", () => {
  assert.deepEqual(parseLaunchctl("gui/501/ai.openclaw.gateway = {\n\tstate = running\n\tpid = 42\n}"), {
    active: true,
    state: "running",
    pid: 42,
  });
  const ended = "x = {\n\tstate = not running\n\tlast exit code = 1\n}";
  assert.deepEqual(parseLaunchctl(ended), { active: false, state: "not running", exit: "exit status 1" });
  assert.equal(parseLaunchctl("Could not find service"), undefined);
});

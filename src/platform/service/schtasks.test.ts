import assert from "node:assert/strict";
import { test } from "node:test";
import { resolvePaths } from "../paths.ts";
import { installedServices } from "./installed.ts";
import schtasks, { readState } from "./managers/schtasks.ts";
import { parseGatewayScript } from "./schtasks-text.ts";
import { describedMachine, type MachineInput } from "./service-machine.fixture.ts";
import { serviceSpec } from "./spec.ts";

const windows = (input: Partial<MachineInput> = {}) =>
  describedMachine({ platform: "win32", home: "C:\\Users\\ann", ...input });

function spec(profile = "default", env: NodeJS.ProcessEnv = {}) {
  const machine = windows({ env });
  return serviceSpec({
    ...{ manager: schtasks, level: "user", machine, port: 18_789, version: "2026.11.1" },
    paths: resolvePaths(machine.env, { profile }),
    program: { node: "C:\\Program Files\\nodejs\\node.exe", launcher: "C:\\100%\\openclaw.cjs" },
  });
}

test("the script keeps the gateway running, but not after 0 and 78, and can be read back", () => {
  const [script, task] = schtasks.files(spec("work", { OPENAI_API_KEY: "a%b" }));
  assert.equal(script!.path, "C:\\Users\\ann\\.openclaw-work\\service\\gateway.cmd");
  const text = String(script!.content);
  for (const line of ["if %ERRORLEVEL% EQU 0 exit /b 0", "if %ERRORLEVEL% EQU 78 exit /b 78", "goto run"])
    assert.ok(text.includes(`\r\n${line}\r\n`), line);
  const { argv, env } = parseGatewayScript(text)!;
  assert.deepEqual(argv.slice(0, 3), [
    "C:\\Program Files\\nodejs\\node.exe",
    "--disable-wasm-trap-handler",
    "C:\\100%\\openclaw.cjs",
  ]);
  assert.deepEqual(argv.slice(3), ["--profile", "work", "gateway", "run", "--port", "18789"]);
  assert.equal(env.OPENAI_API_KEY, "a%b");
  assert.equal(parseGatewayScript("@echo off\r\n"), undefined);

  const bytes = task!.content as Uint8Array;
  assert.deepEqual([...bytes.slice(0, 2)], [0xff, 0xfe]);
  const xml = Buffer.from(bytes).toString("utf16le");
  assert.match(xml, /<LogonTrigger><Enabled>true<\/Enabled><UserId>ann<\/UserId><\/LogonTrigger>/);
  assert.match(xml, /<ExecutionTimeLimit>PT0S<\/ExecutionTimeLimit>/);
  assert.ok(xml.includes('/d /c "C:\\Users\\ann\\.openclaw-work\\service\\gateway.cmd"'));
});

test("commands of a task", async () => {
  const machine = windows({
    answer: (line) => (line.endsWith("/V") ? { exitCode: 0, output: ROW("Running", "267009") } : undefined),
  });
  const ref = schtasks.ref("work", "user", machine);
  assert.equal(ref.name, "OpenClaw Gateway (work)");
  await schtasks.install(ref, machine);
  await schtasks.stop(ref, machine, { disable: true });
  await schtasks.uninstall(ref, machine);
  const task = "C:\\Users\\ann\\.openclaw-work\\service\\task.xml";
  assert.deepEqual(
    machine.ran.filter((line) => !line.includes("/Query")),
    [
      `schtasks /Create /TN OpenClaw Gateway (work) /XML ${task} /F`,
      "schtasks /Change /TN OpenClaw Gateway (work) /ENABLE",
      "schtasks /Run /TN OpenClaw Gateway (work)",
      "schtasks /End /TN OpenClaw Gateway (work)",
      "schtasks /Change /TN OpenClaw Gateway (work) /DISABLE",
      "schtasks /End /TN OpenClaw Gateway (work)",
      "schtasks /Delete /TN OpenClaw Gateway (work) /F",
    ],
  );
});

const ROW = (status: string, result: string) =>
  `"PC","\\OpenClaw Gateway","N/A","${status}","Interactive only","26/11/2026","${result}","ann"`;

test("what schtasks says, in any language", () => {
  assert.equal(readState(ROW("Running", "267009")).runtime, "running");
  assert.equal(readState(ROW("Wird ausgeführt", "267009")).runtime, "running");
  assert.equal(readState(ROW("Ready", "267011")).runtime, "stopped");
  assert.deepEqual(readState(ROW("Ready", "78")), {
    ...{ loaded: true, enabled: true, runtime: "failed", exitCode: 78, detail: "Ready" },
  });
  assert.equal(readState(ROW("Disabled", "0")).enabled, false);
});

test("without a place where scripts lie there is no service", () => {
  const machine = windows();
  assert.deepEqual(installedServices({ host: machine.host, env: machine.env, deep: true }), []);
});

/**
 * A systemctl for tests: reads the unit files that are there, starts what they say with nothing but their variables,
 * and remembers what it was told. Only what the product uses; whatever else is asked ends with 1. Its state is a
 * folder, FAKE_SYSTEMD: `calls` with one line for each call, `<unit>.json` for each unit.
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../src/platform/alive.ts";
import { parseEnvironmentFile, parseUnit } from "../../src/platform/service/systemd-unit.ts";

interface UnitState {
  pid?: number;
  exitCode?: number;
  enabled?: boolean;
}

const state = process.env.FAKE_SYSTEMD!;
const words = process.argv.slice(2);
const isUser = words.includes("--user");
const [verb, ...rest] = words.filter((word) => !word.startsWith("--"));
const name = rest[0] ?? "";
const folder = isUser
  ? join(process.env.XDG_CONFIG_HOME ?? join(process.env.HOME!, ".config"), "systemd/user")
  : (process.env.FAKE_SYSTEM_UNITS ?? "/etc/systemd/system");
const unitFile = join(folder, name);
const stateFile = join(state, `${isUser ? "user-" : ""}${name}.json`);

mkdirSync(state, { recursive: true });
appendFileSync(join(state, "calls"), `${words.join(" ")}\n`);
await main();

async function main(): Promise<void> {
  switch (verb) {
    case "show":
      return name === "" ? print("Version=252") : print(show());
    case "daemon-reload":
    case "reset-failed":
      return;
    case "enable":
    case "disable":
      enable(verb === "enable");
      if (words.includes("--now") && verb === "disable") await stop();
      return;
    case "start":
      return start();
    case "stop":
      return await stop();
    case "restart":
      await stop();
      return start();
    default:
      console.error(`Unknown command verb ${verb}.`);
      process.exitCode = 1;
  }
}

function read(): UnitState {
  return existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, "utf8")) : {};
}

function write(change: UnitState): void {
  writeFileSync(stateFile, JSON.stringify({ ...read(), ...change }));
}

function print(text: string): void {
  console.log(text);
}

function show(): string {
  if (!existsSync(unitFile)) return "LoadState=not-found\nActiveState=inactive\nSubState=dead\nMainPID=0";
  const { pid, exitCode, enabled } = read();
  const runs = pid !== undefined && isAlive(pid);
  const failed = !runs && exitCode !== undefined && exitCode !== 0;
  return [
    "LoadState=loaded",
    `ActiveState=${runs ? "active" : failed ? "failed" : "inactive"}`,
    `SubState=${runs ? "running" : failed ? "failed" : "dead"}`,
    `UnitFileState=${enabled ? "enabled" : "disabled"}`,
    `MainPID=${runs ? pid : 0}`,
    `ExecMainCode=${exitCode === undefined ? 0 : 1}`,
    `ExecMainStatus=${exitCode ?? 0}`,
    `Result=${failed ? "exit-code" : "success"}`,
  ].join("\n");
}

function enable(on: boolean): void {
  const alias = /^Alias=(.+)$/m.exec(textOf(unitFile))?.[1];
  if (alias !== undefined) {
    const link = join(folder, alias);
    if (on && !existsSync(link)) symlinkSync(unitFile, link);
    if (!on && existsSync(link)) unlinkSync(link);
  }
  write({ enabled: on });
}

function start(): void {
  const { pid } = read();
  if (pid !== undefined && isAlive(pid)) return;
  if (!existsSync(unitFile)) {
    console.error(`Failed to start ${name}: Unit ${name} not found.`);
    process.exitCode = 5;
    return;
  }
  const home = process.env.HOME!;
  const unit = parseUnit([textOf(unitFile)], { home, unit: name });
  const files = unit.environmentFiles.map(({ path }) => parseEnvironmentFile(textOf(path)));
  const env: Record<string, string> = Object.assign({ HOME: home, OPENCLAW_IN_CONTAINER: "0" }, unit.env, ...files);
  const [command, ...args] = unit.argv;
  const child = spawn(command!, args, { env, detached: true, stdio: "ignore", cwd: home });
  child.unref();
  write({ pid: child.pid! });
}

async function stop(): Promise<void> {
  const { pid } = read();
  if (pid === undefined || !isAlive(pid)) return;
  process.kill(pid, "SIGTERM");
  for (const endsAt = Date.now() + 10_000; isAlive(pid) && Date.now() < endsAt; ) await sleep(20);
  write({ exitCode: 0 });
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

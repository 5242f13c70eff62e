import { spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../platform/env.ts";
import { ensureStateDirs, type Paths } from "../platform/paths.ts";

export interface BackgroundGateway {
  pid: number;
  /** What it prints: its start, and what Node says of a fatal error. */
  consoleFile: string;
  /** In words, once it is gone. */
  gone(): string | undefined;
}

/** Enough for hundreds of starts. */
const MAX_CONSOLE_BYTES = 1_000_000;

/** A gateway in a session of its own: it outlives this command, its terminal and a logout. */
export async function startBackgroundGateway(paths: Paths, env: Env): Promise<BackgroundGateway> {
  ensureStateDirs(paths);
  const consoleFile = join(paths.logsDir, "background.log");
  const console = openConsole(consoleFile);
  const child = spawn(process.execPath, gatewayCommand(paths), {
    detached: true,
    stdio: ["ignore", console, console],
    cwd: env.home,
    env: env.variables(),
    windowsHide: true,
  });
  closeSync(console);
  let gone: string | undefined;
  child.once("exit", (code, signal) => {
    gone = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  child.unref();
  return { pid: child.pid!, consoleFile, gone: () => gone };
}

/** As `node` is to be called. Without its handler for WebAssembly a segmentation fault is noted by the kernel. */
function gatewayCommand({ profile }: Paths): string[] {
  const profileArgs = profile === "default" ? [] : ["--profile", profile];
  const run = ["gateway", "run", "--console", "start"];
  return ["--disable-wasm-trap-handler", process.argv[1]!, ...profileArgs, ...run];
}

function openConsole(file: string): number {
  const fd = openSync(file, "a", 0o600);
  if (fstatSync(fd).size > MAX_CONSOLE_BYTES) ftruncateSync(fd);
  return fd;
}

import { processStartTicks } from "./kernel.ts";

export interface ProcessIdentity {
  /** Its command line. */
  command: string;
  /** Linux only; see `processStartTicks`. */
  startTicks?: number;
}

const ASK_MS = 2_000;

/** What runs under a process id; undefined when nothing does, or when this system or user cannot tell. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const command = commandLine(pid);
  if (command === "") return undefined;
  const startTicks = process.platform === "linux" ? processStartTicks(pid) : undefined;
  return { command, ...(startTicks !== undefined && { startTicks }) };
}

function commandLine(pid: number): string {
  switch (process.platform) {
    case "linux":
      return textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    case "darwin":
    case "freebsd":
      return output("ps", ["-o", "command=", "-p", String(pid)]).trim();
    default:
      return "";
  }
}

function textOf(path: string): string {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function output(command: string, args: readonly string[]): string {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stdout } = spawnSync(command, args, {
    encoding: "utf8",
    timeout: ASK_MS,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return stdout ?? "";
}

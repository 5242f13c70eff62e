import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../scripts/tree.ts";
import type { StateFolder } from "./state.ts";

export const LAUNCHER = join(ROOT, "bin/openclaw.cjs");

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The real binary as a child process; ended with the `using` block, by its pid. */
export interface GatewayProcess extends AsyncDisposable {
  child: ChildProcess;
  stdout(): string;
  /** Resolves when the text has been printed; rejects when the process ends without it. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<Ended>;
}

const WAIT_MS = 30_000;

export function spawnOpenclaw(
  args: readonly string[],
  state: StateFolder,
  env: NodeJS.ProcessEnv = {},
  stdin: "ignore" | "pipe" = "ignore",
  cwd?: string,
): GatewayProcess {
  const [command, ...words] = [...(state.through ?? []), process.execPath, LAUNCHER, ...args];
  const child = spawn(command!, words, {
    env: { ...state.env, ...env },
    cwd,
    stdio: [stdin, "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => {
      resolve({ code, signal, stdout, stderr });
      for (const listener of listeners) listener();
    });
  });

  return {
    child,
    ended,
    stdout: () => stdout,
    printed(pattern) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => finish(() => reject(new Error(`not printed: ${pattern}\n${stdout}\n${stderr}`))),
          WAIT_MS,
        );
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          settle();
        };
        const look = () => {
          const match = pattern.exec(stdout);
          if (match) finish(() => resolve(match));
          else if (child.exitCode !== null)
            finish(() => reject(new Error(`ended without ${pattern}\n${stdout}\n${stderr}`)));
        };
        listeners.add(look);
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Starts `gateway run` and waits until it is ready. */
export async function spawnGateway(
  state: StateFolder,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  cwd?: string,
): Promise<GatewayProcess & { port: number }> {
  const started = spawnOpenclaw(["gateway", "run", ...args], state, env, "ignore", cwd);
  const [, port] = await started.printed(/\[gateway\] listening on :(\d+)[\s\S]*\[gateway\] ready/);
  return { ...started, port: Number(port) };
}

export function runOpenclaw(
  args: readonly string[],
  state: StateFolder,
  env: NodeJS.ProcessEnv = {},
  cwd?: string,
): Promise<Ended> {
  return spawnOpenclaw(args, state, env, "ignore", cwd).ended;
}

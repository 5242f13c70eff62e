import type { ChildProcess } from "node:child_process";
import { createCappedOutput } from "./capped-output.ts";

export interface SpawnInput {
  /** Run without a shell. */
  command: string;
  args: readonly string[];
  /** Must exist. */
  cwd: string;
  /** All of it; nothing is inherited. See `Env.childEnv`. */
  env: Record<string, string>;
  signal: AbortSignal;
  timeoutMs: number;
  maxOutputBytes: number;
  /** As it comes, both streams; the first `maxOutputBytes` only. */
  onOutput?(chunk: string): void;
}

export interface SpawnResult {
  /** null when a signal ended it. */
  exitCode: number | null;
  signal: string | null;
  /** stdout and stderr in the order they came; beyond `maxOutputBytes` the middle is left out, with a notice. */
  output: string;
  timedOut: boolean;
  durationMs: number;
}

/** From the polite request to the end by force. */
const KILL_AFTER_MS = 2_000;
/** After the child is gone, for what it wrote last. */
const DRAIN_MS = 250;

/**
 * Runs a program in a process group of its own and ends the whole group with it: nothing it started survives,
 * neither after a timeout or an abort nor after a regular exit.
 * A non-zero exit is a result. Rejects only when the program could not be started (or the signal had aborted).
 */
export async function runChild(input: SpawnInput): Promise<SpawnResult> {
  input.signal.throwIfAborted();
  const { spawn } = process.getBuiltinModule("node:child_process");
  const startedMs = performance.now();
  const child = spawn(input.command, [...input.args], {
    cwd: input.cwd,
    env: input.env,
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collectOutput(child, input);
  const ended = Promise.withResolvers<Pick<SpawnResult, "exitCode" | "signal">>();
  child.once("error", (cause) => ended.reject(couldNotStart(input, cause)));
  child.once("exit", (exitCode, signal) => ended.resolve({ exitCode, signal }));

  let timedOut = false;
  let force: NodeJS.Timeout | undefined;
  const stop = () => {
    endGroup(child, "SIGTERM");
    force ??= setTimeout(() => endGroup(child, "SIGKILL"), KILL_AFTER_MS);
  };
  const timeout = setTimeout(() => {
    timedOut = true;
    stop();
  }, input.timeoutMs);
  input.signal.addEventListener("abort", stop, { once: true });

  try {
    const { exitCode, signal } = await ended.promise;
    await drained(child);
    return {
      exitCode,
      signal,
      output: output.text(),
      timedOut,
      durationMs: Math.round(performance.now() - startedMs),
    };
  } finally {
    clearTimeout(timeout);
    clearTimeout(force);
    input.signal.removeEventListener("abort", stop);
  }
}

function collectOutput(child: ChildProcess, { maxOutputBytes, onOutput }: SpawnInput): { text(): string } {
  const output = createCappedOutput(maxOutputBytes);
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output.append(chunk);
      if (!output.isCut()) onOutput?.(chunk);
    });
  }
  return output;
}

/** What the child left running may hold its pipes open, so waiting for them to close has a bound. */
async function drained(child: ChildProcess): Promise<void> {
  const closed = Promise.withResolvers<void>();
  child.once("close", () => closed.resolve());
  const patience = setTimeout(() => closed.resolve(), DRAIN_MS);
  if (!child.stdout!.closed || !child.stderr!.closed) await closed.promise;
  clearTimeout(patience);
  if (process.platform !== "win32") endGroup(child, "SIGKILL");
  child.stdout!.destroy();
  child.stderr!.destroy();
}

function endGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    const { spawn } = process.getBuiltinModule("node:child_process");
    spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore" }).on("error", () => {});
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the group is empty. EPERM: macOS says so of a group of zombies.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

/** A missing folder and a missing program both come as ENOENT of the program. */
function couldNotStart({ command, cwd }: SpawnInput, cause: Error): Error {
  const hasFolder = process.getBuiltinModule("node:fs").existsSync(cwd);
  const { code } = cause as NodeJS.ErrnoException;
  const reason = hasFolder ? code : `the folder ${cwd} does not exist`;
  return Object.assign(new Error(`could not start ${command}: ${reason}`, { cause }), { code });
}

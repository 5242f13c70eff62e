import { existsSync } from "node:fs";
import { loadConfig } from "../config/load.ts";
import { StartBlocked } from "../config/start-guard.ts";
import { systemClock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { preferSmallHeap } from "../platform/heap.ts";
import { openLog } from "../platform/log.ts";
import { ensureStateDirs, type Paths } from "../platform/paths.ts";
import { writeBanner } from "./banner.ts";
import { containCrashes } from "./crashes.ts";
import type { GatewayFlags } from "./settings.ts";
import { listenForSignals, type Signals } from "./signals.ts";
import { type RunningGateway, startGateway } from "./start.ts";

export interface RunInput {
  env: Env;
  paths: Paths;
  io: { out(line: string): void; color: boolean; isTTY: boolean };
  flags: GatewayFlags;
  /** `openclaw start`: greet, and show the dashboard URL. */
  greet: boolean;
  /** This very start made the config; the owner has not seen the token yet. */
  firstRun: boolean;
  /** Print only until the gateway is ready: nobody reads on, and what is printed is kept for ever. */
  quietWhenReady: boolean;
}

/** Throws the Fault that `runGateway` would end with now. */
export async function requireStart(input: Pick<RunInput, "env" | "paths" | "flags">): Promise<void> {
  const { requireStartable } = await import("./restart-check.ts");
  await requireStartable(input);
}

type End = "signal" | "storm" | "restart";

/**
 * The foreground gateway: starts as often as a restart is asked for, and returns the exit code after a signal ended
 * it. A start that fails throws its Fault.
 */
export async function runGateway(input: RunInput): Promise<number> {
  // First of all: nothing this process makes may be readable by others, whatever the shell says (CONF-06).
  process.umask(0o077);
  using signals = listenForSignals();
  for (let first = true; ; first = false) {
    const end = await runOnce(input, signals, first);
    if (end === "storm") return 1;
    // Whoever stops it while it restarts has the last word.
    if (end === "signal" || signals.aborted.aborted) return 0;
  }
}

async function runOnce(input: RunInput, signals: Signals, first: boolean): Promise<End> {
  const { env, paths, flags, io } = input;
  let quiet = false;
  const write = (line: string) => quiet || io.out(line);
  let gateway: RunningGateway;
  signals.forgetRestart();
  try {
    const loaded = await loadConfig({ paths, env });
    const console = { write, color: io.color };
    gateway = await startGateway({ env, paths, loaded, flags, console, signal: signals.aborted });
  } catch (error) {
    // What was given up because it hangs may hold the process for ever.
    if (signals.aborted.aborted) process.exit(0);
    await recordFailedStart(error, input);
    throw error;
  }
  // After the boot: code cached under other flags would be compiled again.
  if (first) preferSmallHeap();
  const { boot, restart, sink, stability } = gateway.services;
  if (input.quietWhenReady) io.out(`[gateway] what follows is in ${sink.file()}`);
  quiet = input.quietWhenReady;
  const onStray = (error: unknown) => {
    const { name, code } =
      error instanceof Error ? (error as NodeJS.ErrnoException) : { name: typeof error, code: undefined };
    stability.ring.record("process.error", { name, code });
  };
  using crash = containCrashes({ log: sink.log, clock: systemClock, onStray });
  if (first && input.greet) void writeBanner(gateway, input);
  signals.serve({
    // Refused is said in the log and in the ledger.
    restart: () => void restart.request("signal").catch(() => {}),
    impatient: () => boot.ended("stopped", { cause: "at once, by a second signal" }),
  });
  const end = await Promise.race([signals.first, crash.storm, restart.requested]);
  quiet = false;
  if (end === "storm") {
    const { writeBundle } = await import("./stability/bundle.ts");
    writeBundle(gateway.services, { reason: "crash_storm", error: crash.last() });
  }
  await gateway.stop(STOP_REASONS[end]);
  return end;
}

const STOP_REASONS = {
  signal: "gateway stopping",
  storm: "crash storm",
  restart: "gateway restarting",
} as const;

/** A supervisor's journal and the file log tell why the gateway is not there. */
async function recordFailedStart(error: unknown, { io, paths }: RunInput): Promise<void> {
  const summary =
    error instanceof Fault ? error.message : error instanceof Error ? error.message : String(error);
  // A terminal gets the whole explanation from the command itself.
  if (!io.isTTY)
    io.out(`[gateway] ${error instanceof StartBlocked ? error.consoleLine : `error: ${summary}`}`);
  // A start that found nothing makes nothing: an empty machine stays empty.
  if (!existsSync(paths.logsDir)) {
    if (!existsSync(paths.configPath)) return;
    try {
      ensureStateDirs(paths);
    } catch {
      // The folder cannot be written, which may be what `error` says already.
      return;
    }
  }
  const sink = openLog({ dir: paths.logsDir, level: "info", clock: systemClock });
  sink.log.error(error instanceof Fault ? (error.log ?? `error: ${summary}`) : `error: ${summary}`, {
    error,
  });
  // What its owner has to decide is no riddle; of anything else the circumstances may tell more than the error.
  if (!(error instanceof Fault) || error.exitCode === 1) {
    const { writeBundle } = await import("./stability/bundle.ts");
    writeBundle({ paths, sink }, { reason: "start_failed", error });
  }
  await sink[Symbol.asyncDispose]();
}

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
}

/** The foreground gateway: returns the exit code after a signal ended it. A start that fails throws its Fault. */
export async function runGateway(input: RunInput): Promise<number> {
  // First of all: nothing this process makes may be readable by others, whatever the shell says (CONF-06).
  process.umask(0o077);
  const { env, paths, flags, io } = input;
  const console = { write: io.out, color: io.color };
  let gateway: RunningGateway;
  const signals = listenForSignals();
  try {
    const loaded = await loadConfig({ paths, env });
    gateway = await startGateway({ env, paths, loaded, flags, console });
  } catch (error) {
    recordFailedStart(error, input);
    throw error;
  }
  // After the boot: code cached under other flags would be compiled again.
  preferSmallHeap();
  const { log } = gateway.services.sink;
  using crash = containCrashes({ log, clock: systemClock });
  if (input.greet) void writeBanner(gateway, input);
  const end = await Promise.race([signals.first, crash.storm]);
  await gateway.stop("gateway stopping");
  signals.dispose();
  return end === "storm" ? 1 : 0;
}

/** The second signal of an impatient person ends the process at once; the journal makes that safe. */
function listenForSignals(): { first: Promise<"signal">; dispose(): void } {
  let count = 0;
  const { promise: first, resolve: resolveFirst } = Promise.withResolvers<"signal">();
  const onSignal = () => {
    count++;
    if (count === 1) resolveFirst("signal");
    else process.exit(1);
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    first,
    dispose() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

/** A supervisor's journal and the file log tell why the gateway is not there. */
function recordFailedStart(error: unknown, { io, paths }: RunInput): void {
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
  sink.flush();
}

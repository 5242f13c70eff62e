import { setTimeout as sleep } from "node:timers/promises";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";

/** Two cron jobs at the same moment: by then the other one's gateway holds the state lock. */
const ANOTHER_START_MS = 500;

export interface StartableInput {
  env: Env;
  paths: Paths;
  verbose: boolean;
  port?: number;
}

/**
 * Throws the Fault of a start that would fail. A port that this very gateway holds, or that somebody else is just
 * starting on, is no such thing.
 */
export async function requireStartable({ env, paths, verbose, port }: StartableInput): Promise<void> {
  const { requireStart } = await import("../gateway/run.ts");
  const flags = { allowUnconfigured: false, verbose, ...(port !== undefined && { port }) };
  const input = { env, paths, flags };
  try {
    await requireStart(input);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE") throw error;
    if (findRunningGateway(paths).kind !== "none") return;
    await sleep(ANOTHER_START_MS);
    if (findRunningGateway(paths).kind === "none") await requireStart(input);
  }
}

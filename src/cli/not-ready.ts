import { BOOT_STAGES, type Boot } from "../platform/boot-ledger.ts";
import { Fault } from "../platform/fault.ts";
import type { Paths } from "../platform/paths.ts";
import { isRecord } from "../protocol/frames.ts";
import { formatDuration, formatUptime } from "./duration.ts";
import { logFiles } from "./log-files.ts";
import { fileSource } from "./log-source.ts";

export interface NotReadyInput {
  paths: Paths;
  waitMs: number;
  /** When the wait began. */
  sinceMs: number;
  nowMs: number;
  boot?: Boot;
  /** Why it will not come any more; undefined while it may still. */
  gone?: string;
}

/** The block for a gateway that does not come up: how far it came, where it says more, what to do. */
export async function notReady(input: NotReadyInput): Promise<Fault> {
  const { paths, waitMs, sinceMs, boot, gone } = input;
  const error = await lastError(paths, sinceMs);
  const logFile = logFiles(paths.logsDir).at(-1) ?? paths.logsDir;
  return new Fault(`Error: gateway did not become ready within ${formatDuration(waitMs)}`, {
    lines: [
      `  ${progress(input)}`,
      ...(gone === undefined ? [] : [`  it is gone: ${gone}`]),
      ...(error === undefined ? [] : [`  last error in the log: ${error}`]),
      `  log: ${logFile}`,
    ],
    fix: boot?.end?.fix ?? "openclaw logs --tail 100",
  });
}

function progress({ boot, nowMs }: NotReadyInput): string {
  if (!boot) return "it has not begun to start, or could not take the state folder";
  const { stage, atMs } = boot.stages.at(-1)!;
  const next = BOOT_STAGES[BOOT_STAGES.indexOf(stage) + 1];
  const since = `last stage: ${stage}, for ${formatUptime(Math.max(0, nowMs - atMs))}`;
  return next === undefined ? `${since}, and it does not answer` : `${since}; next would be ${next}`;
}

/** Level and time tell which line it is; anything that is no line of ours is passed over. */
async function lastError(paths: Paths, sinceMs: number): Promise<string | undefined> {
  const lines = (await fileSource(paths.logsDir).newest(200)) ?? [];
  for (const line of lines.reverse()) {
    const record = parse(line);
    if (record?.level !== "error" || typeof record.message !== "string") continue;
    return Date.parse(String(record.time)) >= sinceMs ? record.message : undefined;
  }
  return undefined;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

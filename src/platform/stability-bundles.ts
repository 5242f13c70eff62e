import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolders, writeFileAtomic } from "./files.ts";

/** Why a bundle was written; the last part of its name. */
export type BundleReason = "start_failed" | "crash_storm" | "memory_restart";

export interface BundleFile {
  path: string;
  reason: string;
  atMs: number;
  bytes: number;
}

const KEPT = 20;
/** Together with the log files within 32 MB. */
const MAX_TOTAL_BYTES = 8 * 1_048_576;
const NAME = /^openclaw-stability-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-\d+-([a-z_]+)\.json$/;

export function bundlesDir({ logsDir }: { logsDir: string }): string {
  return join(logsDir, "stability");
}

/** Writes `<dir>/openclaw-stability-<time>-<pid>-<reason>.json` (0600) and forgets the oldest ones. Throws when it cannot. */
export function writeBundleFile(
  dir: string,
  { reason, atMs, pid }: { reason: BundleReason; atMs: number; pid: number },
  content: object,
): string {
  makeFolders(dir);
  const time = new Date(atMs).toISOString().replace(/[:.]/g, "-");
  const path = join(dir, `openclaw-stability-${time}-${pid}-${reason}.json`);
  writeFileAtomic(path, `${JSON.stringify(content, null, 2)}\n`);
  prune(dir);
  return path;
}

/** Newest first. */
export function listBundles(dir: string): BundleFile[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return [];
  }
  return names
    .flatMap((name) => {
      const [, day, hour, minute, second, ms, reason] = NAME.exec(name) ?? [];
      if (reason === undefined) return [];
      const path = join(dir, name);
      const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      return [{ path, reason, bytes, atMs: Date.parse(`${day}T${hour}:${minute}:${second}.${ms}Z`) }];
    })
    .sort((a, b) => b.atMs - a.atMs);
}

function prune(dir: string): void {
  let total = 0;
  for (const [i, { path, bytes }] of listBundles(dir).entries()) {
    total += bytes;
    if (i > 0 && (i >= KEPT || total > MAX_TOTAL_BYTES)) rmSync(path, { force: true });
  }
}

import { statSync } from "node:fs";
import { join } from "node:path";
import { exchangeDatabase, freeName } from "../doctor/replace-database.ts";
import type { Clock } from "../platform/clock.ts";
import { checkDatabase } from "../platform/database-check.ts";
import type { Env } from "../platform/env.ts";
import type { Fault } from "../platform/fault.ts";
import type { Log } from "../platform/log.ts";
import type { Paths } from "../platform/paths.ts";
import { type SnapshotFile, snapshotFolder, snapshotsIn } from "../sessions/snapshot-files.ts";

export interface HealInput {
  paths: Paths;
  env: Env;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/**
 * A start that finds the sessions damaged goes on all the same: the file is kept aside, and the newest snapshot that is
 * sound takes its place, or else nothing. The state lock must be held, and nobody may have the database open.
 */
export async function healSessions(damage: Fault, input: HealInput): Promise<void> {
  const { paths, clock, log } = input;
  const snapshot = await soundSnapshot(input);
  const time = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, "-");
  const aside = freeName(join(paths.dataDir, "damaged", time));
  exchangeDatabase({ path: paths.sessionsDb, aside, ...(snapshot && { successor: snapshot.path }) });
  const lost = snapshot
    ? `the snapshot of ${new Date(snapshot.atMs).toISOString()} took its place; what was said since then is in none of the sessions`
    : "there was no sound snapshot, so the sessions begin empty";
  log.error(`sessions restored: ${damage.message}; ${lost}. The damaged file is kept: ${aside}`, {
    sizeBytes: statSync(join(aside, "sessions.sqlite")).size,
  });
}

async function soundSnapshot({ paths, env, signal }: HealInput): Promise<SnapshotFile | undefined> {
  for (const snapshot of snapshotsIn(snapshotFolder(paths))) {
    const options = { env: env.childEnv(), signal };
    const verdict = await checkDatabase({ file: snapshot.path, how: "as-is" }, options);
    if (verdict.kind === "sound") return snapshot;
  }
  return undefined;
}

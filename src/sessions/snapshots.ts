import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../platform/clock.ts";
import { type CheckOptions, checkDatabase } from "../platform/database-check.ts";
import type { Env } from "../platform/env.ts";
import { draftName } from "../platform/files.ts";
import { freeSpaceAt } from "../platform/free-space.ts";
import type { Log } from "../platform/log.ts";
import type { Paths } from "../platform/paths.ts";
import type { Database } from "../platform/sqlite.ts";
import { snapshotFolder, snapshotPath, snapshotsIn } from "./snapshot-files.ts";

/** Copies of the database of sessions, for the day on which it is damaged. */
export interface Snapshots {
  /** Takes one where one is due. Rejects for what nobody foresaw, and with the signal's reason. */
  round(signal: AbortSignal): Promise<SnapshotOutcome>;
}

export type SnapshotOutcome =
  | { kind: "taken"; path: string }
  | { kind: "not-due" }
  /** Nothing was written since the newest one. */
  | { kind: "unchanged" }
  | { kind: "no-room"; freeBytes: number }
  /** The copy is damaged, so what it was made of is. Older copies stay. */
  | { kind: "damaged"; problem: string };

export interface SnapshotsInput {
  paths: Pick<Paths, "dataDir" | "sessionsDb">;
  /** The connection everything is written through. */
  database: Database;
  clock: Clock;
  log: Log;
  env: Pick<Env, "childEnv">;
}

export const SNAPSHOT_EVERY_MS = 3_600_000;
const KEEP = 3;
const DRAFT = /\.draft(-journal)?$/;
/** What has to be left besides the copy. */
const SPARE_BYTES = 209_715_200;

/** One more, whatever the hour: the schema is about to be changed. */
export async function snapshotBeforeMigration(
  { paths, clock, env }: Pick<SnapshotsInput, "paths" | "clock" | "env">,
  signal: AbortSignal,
): Promise<SnapshotOutcome> {
  const folder = snapshotFolder(paths);
  const room = await roomFor(paths.sessionsDb, folder);
  return (
    room ?? (await take(paths.sessionsDb, snapshotPath(folder, clock.now()), { env: env.childEnv(), signal }))
  );
}

export function openSnapshots(input: SnapshotsInput): Snapshots {
  const { paths, database, clock, log, env } = input;
  const folder = snapshotFolder(paths);
  /** Rows changed through the connection when the newest snapshot began; unknown for one of an earlier process. */
  let changesThen: number | undefined;
  let lastKind: SnapshotOutcome["kind"] | undefined;

  function hasChanged(sinceMs: number | undefined): boolean {
    if (changesThen !== undefined) return changesOf(database) !== changesThen;
    const newest = database.prepare("SELECT max(updated_at) AS at FROM sessions").get()?.at;
    return typeof newest === "number" && (sinceMs === undefined || newest >= sinceMs);
  }

  async function attempt(signal: AbortSignal): Promise<SnapshotOutcome> {
    const [newest] = snapshotsIn(folder);
    const nowMs = clock.now();
    if (newest && nowMs - newest.atMs < SNAPSHOT_EVERY_MS && newest.atMs <= nowMs) return { kind: "not-due" };
    if (!hasChanged(newest?.atMs)) return { kind: "unchanged" };
    const changes = changesOf(database);
    const room = await roomFor(paths.sessionsDb, folder);
    const outcome =
      room ?? (await take(paths.sessionsDb, snapshotPath(folder, nowMs), { env: env.childEnv(), signal }));
    if (outcome.kind === "taken") changesThen = changes;
    return outcome;
  }

  return {
    async round(signal) {
      const outcome = await attempt(signal);
      tell(outcome, outcome.kind === lastKind, log);
      if (outcome.kind !== "not-due") lastKind = outcome.kind;
      return outcome;
    },
  };
}

/** Undefined where there is enough. */
async function roomFor(sessionsDb: string, folder: string): Promise<SnapshotOutcome | undefined> {
  const { bytes: freeBytes } = await freeSpaceAt(folder);
  const neededBytes = (statSync(sessionsDb, { throwIfNoEntry: false })?.size ?? 0) + SPARE_BYTES;
  return freeBytes < neededBytes ? { kind: "no-room", freeBytes } : undefined;
}

/** A name is given to what was read through only, and then the oldest ones go. */
async function take(sessionsDb: string, path: string, options: CheckOptions): Promise<SnapshotOutcome> {
  const folder = join(path, "..");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Whoever takes one holds the state lock, so that a draft that is there already is of a process that was killed.
  for (const name of readdirSync(folder)) if (DRAFT.test(name)) rmSync(join(folder, name), { force: true });
  const draft = draftName(path);
  try {
    const verdict = await checkDatabase({ file: sessionsDb, how: "beside", copyTo: draft }, options);
    if (verdict.kind === "unreadable") throw new Error(verdict.problem);
    if (verdict.kind === "damaged") return verdict;
    renameSync(draft, path);
  } finally {
    for (const suffix of ["", "-journal"]) rmSync(draft + suffix, { force: true });
  }
  for (const old of snapshotsIn(folder).slice(KEEP)) rmSync(old.path, { force: true });
  return { kind: "taken", path };
}

/** An outcome that stays the same is told once. */
function tell(outcome: SnapshotOutcome, isOld: boolean, log: Log): void {
  if (outcome.kind === "taken") log.debug("snapshot of the sessions", { path: outcome.path });
  if (outcome.kind === "damaged" && !isOld) {
    const what = `the database of the sessions is damaged: ${outcome.problem}`;
    log.error(`${what}. Stop the gateway, then: openclaw doctor --fix`);
  }
  if (outcome.kind === "no-room" && !isOld)
    log.warn("no snapshot of the sessions: the disk is nearly full", { freeBytes: outcome.freeBytes });
}

function changesOf(database: Database): number {
  return Number(database.prepare("SELECT total_changes() AS n").get()?.n ?? 0);
}

import { statSync } from "node:fs";
import { join } from "node:path";
import { checkDatabase } from "../platform/database-check.ts";
import { mayBeLocked } from "../platform/lock.ts";
import { type SnapshotFile, snapshotFolder, snapshotsIn } from "../sessions/snapshot-files.ts";
import type { Facts } from "./facts.ts";
import type { Observation, Repair } from "./finding.ts";
import { freeName } from "./replace-database.ts";

/** The finding with its way out: the newest snapshot that is sound, or an empty database where there is none. */
export async function damagedDatabase(problem: string, facts: Facts): Promise<Observation[]> {
  const { paths } = facts;
  const { sessionsDb, lockFile } = paths;
  const isOpen = mayBeLocked(lockFile);
  const snapshot = isOpen ? snapshotsIn(snapshotFolder(paths))[0] : await soundSnapshot(facts);
  const changedAtMs = statSync(sessionsDb).mtimeMs;
  const fix = snapshot ? "openclaw doctor --fix" : "openclaw doctor --fix --force";
  return [
    {
      id: "database-damaged",
      severity: "error",
      evidence: [
        `${sessionsDb} is damaged: ${problem}`,
        snapshot
          ? `the snapshot ${snapshot.path} is ${ageOf(changedAtMs - snapshot.atMs)} older`
          : `there is no sound snapshot in ${snapshotFolder(paths)}`,
      ],
      fix: isOpen ? `openclaw stop && ${fix}` : fix,
      place: { file: sessionsDb },
      ...(!isOpen && { repair: repairBy(snapshot, changedAtMs, facts) }),
    },
  ];
}

function repairBy(snapshot: SnapshotFile | undefined, changedAtMs: number, { paths }: Facts): Repair {
  const { sessionsDb: path, lockFile, dataDir } = paths;
  // Not named after this moment: a repair that is planned again has to be the same one.
  const time = new Date(changedAtMs).toISOString().replaceAll(/[:.]/g, "-");
  const aside = freeName(join(dataDir, "damaged", time));
  const change = { kind: "replace-database", path, lockFile, aside } as const;
  return snapshot
    ? {
        does: "put the newest sound snapshot in the place of the damaged database, which is kept",
        level: "safe",
        changes: [{ ...change, successor: snapshot.path }],
      }
    : {
        does: "set the damaged database aside and begin an empty one",
        level: "force",
        changes: [change],
      };
}

async function soundSnapshot({ paths, env, signal }: Facts): Promise<SnapshotFile | undefined> {
  for (const snapshot of snapshotsIn(snapshotFolder(paths))) {
    const options = { env: env.childEnv(), signal };
    const verdict = await checkDatabase({ file: snapshot.path, how: "as-is" }, options);
    if (verdict.kind === "sound") return snapshot;
  }
  return undefined;
}

/** What was said in this time is lost. */
function ageOf(ms: number): string {
  const minutes = Math.max(Math.round(ms / 60_000), 0);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`;
}

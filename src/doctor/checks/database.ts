import { accessSync, constants, existsSync, lstatSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { checkDatabase, type DatabaseVerdict } from "../../platform/database-check.ts";
import { isDamage } from "../../platform/database-fault.ts";
import { mayBeLocked } from "../../platform/lock.ts";
import { openRaw, readHeader } from "../../platform/sqlite.ts";
import { octalMode, takeOverCommand } from "../../platform/storage-fault.ts";
import { SESSION_MIGRATIONS } from "../../sessions/schema.ts";
import { snapshotFolder, snapshotsIn } from "../../sessions/snapshot-files.ts";
import { defineCheck } from "../check.ts";
import { damagedDatabase } from "../damaged-database.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";
import { inBytes } from "../megabytes.ts";

/** A larger one takes too long to be read through each time; --deep reads every one. */
const MAX_READ_BYTES = inBytes(256);

export default defineCheck({
  id: "database",
  summary: "the database of the sessions can be read, is sound and of this version",
  where: "anywhere",
  // A damaged one is read to its end, and so are its snapshots; the disk of a small machine gives 100 MB a second.
  deadlineMs: 20_000,
  async inspect(facts) {
    const { sessionsDb, dataDir } = facts.paths;
    // A descriptor of our own, closed in the process that has the database open, would drop the locks on it.
    if ((await facts.gateway()).reach === "inside") return await judgeFromInside(facts);
    const refused = refusal(sessionsDb);
    if (refused === "ENOENT") return [];
    if (refused !== undefined) return [unreadable(sessionsDb, dataDir, refused)];
    const header = readHeader(sessionsDb);
    switch (header.kind) {
      case "missing":
        return [];
      case "empty":
        // Without a snapshot nothing says that there ever was anything in it.
        return snapshotsIn(snapshotFolder(facts.paths)).length === 0
          ? []
          : await damagedDatabase("there is not a byte left in it", facts);
      case "foreign":
        return await damagedDatabase("file is not a database", facts);
      case "database":
        if (header.schemaVersion > SESSION_MIGRATIONS.length)
          return [newer(sessionsDb, header.schemaVersion)];
        return await readThrough(facts);
    }
  },
});

function refusal(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "EACCES";
  }
}

function unreadable(path: string, dataDir: string, code: string): Observation {
  const found = lookAt(path);
  const owner = found
    ? `it belongs to uid ${found.uid} with mode ${octalMode(found.mode)}`
    : `${dataDir} belongs to uid ${statSync(dataDir).uid} with mode ${octalMode(statSync(dataDir).mode)}`;
  const isOurs = found !== undefined && found.uid === process.getuid?.() && code === "EACCES";
  return {
    id: "database-unreadable",
    severity: "error",
    evidence: [`SQLITE_CANTOPEN: unable to open database file ${path} (${code}): ${owner}`],
    fix: takeOverCommand(dataDir),
    place: { file: path },
    ...(isOurs && {
      repair: {
        does: "let its owner read and write it",
        level: "safe",
        changes: [{ kind: "chmod", path, mode: (found.mode & 0o700) | 0o600 }],
      },
    }),
  };
}

function newer(path: string, found: number): Observation {
  return {
    id: "database-newer",
    severity: "error",
    evidence: [`${path}: its schema is ${found}, this version knows ${SESSION_MIGRATIONS.length}`],
    fix: "OPENCLAW_STATE_DIR=~/.openclaw-older openclaw start",
    place: { file: path },
  };
}

/** Every page is looked at, unless a gateway has it open: that one would notice, and --deep looks all the same. */
async function readThrough(facts: Facts): Promise<Observation[]> {
  const { paths, env, deep, signal } = facts;
  const { sessionsDb, lockFile } = paths;
  const isOpen = mayBeLocked(lockFile);
  if (!deep && (isOpen || statSync(sessionsDb).size > MAX_READ_BYTES)) return [];
  const hasJournal = (lookAt(`${sessionsDb}-wal`)?.size ?? 0) > 0;
  const how = isOpen ? "beside" : hasJournal ? { copyIn: tmpdir() } : "as-is";
  const verdict = await checkDatabase({ file: sessionsDb, how }, { env: env.childEnv(), signal });
  // Read while a gateway began to write, the pages do not fit each other.
  if (verdict.kind !== "damaged" || (!isOpen && mayBeLocked(lockFile))) return [];
  return await damagedDatabase(verdict.problem, facts);
}

async function judgeFromInside(facts: Facts): Promise<Observation[]> {
  const verdict = readSchema(facts.paths.sessionsDb);
  return verdict.kind === "damaged" ? await damagedDatabase(verdict.problem, facts) : [];
}

function readSchema(path: string): DatabaseVerdict {
  if (!existsSync(path)) return { kind: "sound" };
  try {
    const db = openRaw(path, { readOnly: true, busyMs: 0 });
    try {
      db.prepare("SELECT count(*) FROM sqlite_schema").get();
      return { kind: "sound" };
    } finally {
      db.close();
    }
  } catch (error) {
    const { message: problem } = error as Error;
    return { kind: isDamage(error) ? "damaged" : "unreadable", problem };
  }
}

function lookAt(path: string) {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

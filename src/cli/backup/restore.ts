import {
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { includeRoot } from "../../config/include-path.ts";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import { makeFolders } from "../../platform/files.ts";
import { freeSpaceAt } from "../../platform/free-space.ts";
import { holdStill } from "../../platform/lock.ts";
import { ensureStateDirs, type Paths } from "../../platform/paths.ts";
import { shellWord, storageFault } from "../../platform/storage-fault.ts";
import { type About, CONFIG_NAME, CONFIG_ROOT, STATE_ROOT } from "./archive.ts";
import { backupFolder, newBackupFile } from "./backup-folder.ts";
import { type Backup, createBackup } from "./create.ts";
import { readAbout, readBackup, type Unpack } from "./read-backup.ts";
import { collectSources, isEphemeral } from "./sources.ts";
import { hostile } from "./tar-header.ts";
import { DEFAULT_LIMITS } from "./tar-reader.ts";

export interface RestoreInput {
  file: string;
  paths: Paths;
  env: Env;
  /** Replace what is there, after saving it. */
  force: boolean;
  /** Also put folders outside of the state folder back where the archive says they were. */
  originalPlaces: boolean;
  nowMs: number;
  signal: AbortSignal;
}

export interface Restored {
  about: About;
  files: number;
  bytes: number;
  /** What was there before, saved. */
  kept?: Backup;
  /** Where links and other things are that no backup takes, with the folders they were in. */
  aside?: string;
}

const SPARE_BYTES = 200 * 1024 ** 2;

/**
 * Unpacks beside the state, reads every byte, and only then exchanges. What was there is saved in a backup of its own first.
 * No gateway may run; none can start meanwhile. Throws `Fault`, and then everything is as it was.
 */
export async function restoreBackup(input: RestoreInput): Promise<Restored> {
  const { file, paths, env, force, nowMs, signal } = input;
  const about = await readAbout(file);
  requireConsent(about, input);
  const { entries } = await collectSources({ paths, env, workspace: about.workspace });
  if (entries.some(({ kind }) => kind === "file") && !force) throw inTheWay(file, paths);
  ensureStateDirs(paths);
  using _still = holdStill(paths.lockFile) ?? running();
  const staging = mkdtempSync(join(paths.stateDir, ".restore-"));
  try {
    const { bytes: free } = await freeSpaceAt(paths.stateDir);
    const limits = {
      ...DEFAULT_LIMITS,
      maxBytes: Math.min(DEFAULT_LIMITS.maxBytes, Math.max(0, free - SPARE_BYTES)),
    };
    const fresh = join(staging, "new");
    const { manifest, bytes } = await readBackup(file, { limits, unpack: unpackInto(fresh, signal) });
    requireConfigConsent(join(fresh, CONFIG_ROOT), input);
    const kept = entries.some(({ kind }) => kind === "file")
      ? await createBackup({
          ...{ paths, env, workspace: about.workspace, nowMs, signal },
          output: newBackupFile(backupFolder(env), nowMs, "before-restore"),
        })
      : undefined;
    const old = join(staging, "old");
    exchange(movesFor(about, fresh, paths), old);
    const aside = kept && kept.skipped.length > 0 ? join(paths.stateDir, `replaced-${nowMs}`) : undefined;
    if (aside !== undefined) renameSync(old, aside);
    return {
      about,
      files: manifest.files.length,
      bytes,
      ...(kept && { kept }),
      ...(aside !== undefined && { aside }),
    };
  } catch (error) {
    throw storageFault({ error, path: paths.stateDir, ours: paths.stateDir }) ?? error;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function unpackInto(folder: string, signal: AbortSignal): Unpack {
  return async ({ path, kind, mode }, content) => {
    // Names were checked when they were read, and every folder on the way is one this made itself.
    const target = join(folder, path);
    mkdirSync(kind === "folder" ? target : dirname(target), { recursive: true, mode: 0o700 });
    if (kind === "folder") return;
    const to = createWriteStream(target, { flags: "wx", mode: (mode & 0o100) | 0o600, flush: true });
    await pipeline(Readable.from(content, { objectMode: false }), to, { signal });
  };
}

interface Move {
  /** Undefined: it was not there when the backup was made. */
  from?: string;
  to: string;
}

/** One move for each name in the state folder and in its `data`, for each file of the config, for each folder outside. */
function movesFor(about: About, fresh: string, paths: Paths): Move[] {
  const moves: Move[] = [];
  const byName = (from: string, to: string, prefix: string): void => {
    const names = new Set([...namesIn(from), ...namesIn(to)]);
    for (const name of names) {
      const path = prefix + name;
      if (isEphemeral(path) || path === "data") continue;
      if (about.leftOut.includes(path) || isOwnFolder(join(to, name), paths)) continue;
      const isSaved = isThere(join(from, name));
      // A link or a socket is in no backup, so that nothing says it should go.
      if (!isSaved && !isPlain(join(to, name))) continue;
      moves.push({ ...(isSaved && { from: join(from, name) }), to: join(to, name) });
    }
  };
  const state = join(fresh, STATE_ROOT);
  byName(state, paths.stateDir, "");
  byName(join(state, "data"), paths.dataDir, "data/");
  const config = join(fresh, CONFIG_ROOT);
  const root = existsSync(paths.configPath) ? includeRoot(paths.configPath) : dirname(paths.configPath);
  for (const path of filesBelow(config)) {
    const to = path === CONFIG_NAME ? paths.configPath : join(root, path);
    // Where the state folder holds it too, this is the one move that counts.
    const at = moves.findIndex((move) => move.to === to);
    if (at >= 0) moves.splice(at, 1);
    moves.push({ from: join(config, path), to });
  }
  for (const [name, folder] of Object.entries(about.outside))
    moves.push({ from: join(fresh, name), to: folder });
  return moves.filter(({ from, to }) => from !== undefined || isThere(to));
}

/** All of it or nothing: when one move fails, those before it are taken back. */
function exchange(moves: readonly Move[], old: string): void {
  makeFolders(old);
  const done: { move: Move; aside?: string }[] = [];
  try {
    for (const [at, move] of moves.entries()) {
      const aside = isThere(move.to) ? join(old, String(at)) : undefined;
      if (aside !== undefined) moveAcross(move.to, aside);
      done.push({ move, ...(aside !== undefined && { aside }) });
      if (move.from === undefined) continue;
      mkdirSync(dirname(move.to), { recursive: true, mode: 0o700 });
      moveAcross(move.from, move.to);
    }
  } catch (error) {
    for (const { move, aside } of done.reverse()) {
      rmSync(move.to, { recursive: true, force: true });
      if (aside !== undefined) moveAcross(aside, move.to);
    }
    throw error;
  }
}

/** A folder outside may be on another disk. */
function moveAcross(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EXDEV" && code !== "EBUSY") throw error;
    const { cpSync } = process.getBuiltinModule("node:fs");
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    rmSync(from, { recursive: true, force: true });
  }
}

function requireConsent(about: About, { file, paths, env, originalPlaces }: RestoreInput): void {
  const places = Object.values(about.outside);
  for (const place of places)
    if (
      !isAbsolute(place) ||
      [paths.stateDir, env.home].some((held) => !relative(place, held).startsWith(".."))
    )
      throw hostile(`it wants to replace ${JSON.stringify(place.slice(0, 120))}`);
  if (places.length > 0 && !originalPlaces) throw outside(places, file);
}

/** What the config includes lies beside it; where that is not the state folder, it may be anything that is there. */
function requireConfigConsent(config: string, { file, paths, originalPlaces }: RestoreInput): void {
  const folder = dirname(paths.configPath);
  if (originalPlaces || folder === paths.stateDir) return;
  const places = filesBelow(config).filter((path) => path !== CONFIG_NAME);
  if (places.length > 0)
    throw outside(
      places.map((path) => join(folder, path)),
      file,
    );
}

function outside(places: readonly string[], file: string): Fault {
  return new Fault("the backup has files for places outside of the state folder", {
    lines: places.map((place) => `  ${place}`),
    why: "An archive does not decide by itself what it writes to. If these are the places you want:",
    fix: `openclaw backup restore ${shellWord(file)} --original-places`,
  });
}

function inTheWay(file: string, { stateDir }: Paths): Fault {
  return new Fault(`${stateDir} is in use; a restore would replace what is there`, {
    why: "With --force what is there is saved in a backup of its own first.",
    fix: `openclaw backup restore ${shellWord(file)} --force`,
  });
}

function running(): never {
  throw new Fault("a gateway runs on this state folder", {
    why: "its files cannot be exchanged while it uses them",
    fix: "openclaw stop",
  });
}

/** The folder is the parent of everything; a config file elsewhere may lie above it. */
function isOwnFolder(path: string, { dataDir, logsDir }: Paths): boolean {
  return path === dataDir || path === logsDir;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isPlain(path: string): boolean {
  const found = lstatSync(path);
  return found.isFile() || found.isDirectory();
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function filesBelow(folder: string, below = ""): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, path) : [path];
  });
}

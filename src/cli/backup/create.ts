import { createHash } from "node:crypto";
import {
  closeSync,
  createWriteStream,
  fstatSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { checkDatabase } from "../../platform/database-check.ts";
import { Fault } from "../../platform/fault.ts";
import { draftName, makeFolders, writeFileAtomic } from "../../platform/files.ts";
import { readHeader } from "../../platform/sqlite.ts";
import { shellWord, storageFault } from "../../platform/storage-fault.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { ABOUT, type About, MANIFEST, type Manifest } from "./archive.ts";
import { readBackup } from "./read-backup.ts";
import { collectSources, type Source, type Sources, type SourcesInput } from "./sources.ts";
import { BLOCK, padding, printHeader } from "./tar-header.ts";

export interface Backup {
  file: string;
  files: number;
  /** Before compression. */
  bytes: number;
  archiveBytes: number;
  skipped: string[];
}

export interface CreateInput extends SourcesInput {
  /** Absolute; must not exist. */
  output: string;
  nowMs: number;
  signal: AbortSignal;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Saves the state as it is now, also beside a running gateway: a database is copied by SQLite, as of one moment. The archive
 * has its name only once every byte of it was read back and compared. Throws `Fault`.
 */
export async function createBackup(input: CreateInput): Promise<Backup> {
  const { output, paths, nowMs, workspace } = input;
  const sources = await collectSources(input);
  if (sources.entries.length === 0) {
    throw new Fault(`there is nothing to save in ${paths.stateDir}`, { fix: "openclaw setup" });
  }
  const about: About = {
    format: "openclaw-backup",
    formatVersion: 1,
    createdAt: new Date(nowMs).toISOString(),
    version: PRODUCT_VERSION,
    stateDir: paths.stateDir,
    configPath: paths.configPath,
    workspace,
    leftOut: sources.leftOut,
    outside: sources.outside,
  };
  const draft = draftName(output);
  const folder = dirname(output);
  try {
    makeFolders(folder);
    const staging = mkdtempSync(join(folder, ".openclaw-backup-"));
    try {
      const to = createWriteStream(draft, { flags: "wx", mode: 0o600, flush: true });
      await pipeline(Readable.from(archive(about, sources, { ...input, staging })), createGzip(), to);
      const { manifest, bytes } = await readBackup(draft);
      const archiveBytes = sizeOf(draft);
      renameSync(draft, output);
      syncFolder(folder);
      return { file: output, files: manifest.files.length, bytes, archiveBytes, skipped: manifest.skipped };
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  } catch (error) {
    rmSync(draft, { force: true });
    throw storageFault({ error, path: output, ours: folder }) ?? error;
  }
}

async function* archive(
  about: About,
  { entries, skipped }: Sources,
  { staging, env, signal, nowMs }: CreateInput & { staging: string },
): AsyncGenerator<Buffer> {
  yield* textEntry(ABOUT, about, nowMs);
  const manifest: Manifest = { files: [], skipped };
  for (const source of entries) {
    signal.throwIfAborted();
    if (source.kind === "folder") {
      yield printHeader({ path: source.path, kind: "folder", bytes: 0, mode: 0o700, mtimeMs: nowMs });
      continue;
    }
    const database = isDatabase(source) ? join(staging, "copy.sqlite") : undefined;
    if (database !== undefined) await copyDatabase(source.file, database, { env: env.childEnv(), signal });
    yield* fileEntry({ ...source, file: database ?? source.file }, manifest, source.file);
    if (database !== undefined) rmSync(database);
  }
  yield* textEntry(MANIFEST, manifest, nowMs);
  yield Buffer.alloc(2 * BLOCK);
}

/** Gone in the meantime is gone; shorter than a moment ago cannot be saved as one piece. */
async function* fileEntry(
  { file, path }: Source,
  manifest: Manifest,
  original: string,
): AsyncGenerator<Buffer> {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw storageFault({ error, path: original, ours: dirname(original) }) ?? error;
  }
  try {
    const { size, mode, mtimeMs } = fstatSync(fd);
    const sum = createHash("sha256");
    yield printHeader({ path, kind: "file", bytes: size, mode: mode & 0o777, mtimeMs });
    for (let at = 0; at < size; ) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - at));
      const count = readSync(fd, chunk, 0, chunk.length, at);
      if (count === 0) throw changed(original);
      at += count;
      sum.update(chunk.subarray(0, count));
      yield chunk.subarray(0, count);
    }
    if (padding(size) > 0) yield Buffer.alloc(padding(size));
    manifest.files.push({ path, bytes: size, sha256: sum.digest("hex") });
  } finally {
    closeSync(fd);
  }
}

function* textEntry(path: string, value: unknown, mtimeMs: number): Generator<Buffer> {
  const content = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  yield printHeader({ path, kind: "file", bytes: content.length, mode: 0o600, mtimeMs });
  yield content;
  if (padding(content.length) > 0) yield Buffer.alloc(padding(content.length));
}

function isDatabase({ file, bytes }: Source): boolean {
  if (bytes < BLOCK || !/\.(sqlite3?|db)$/.test(file)) return false;
  return readHeader(file).kind === "database";
}

/** A damaged database is saved as it is: what can still be had of it may be all there is. */
async function copyDatabase(
  file: string,
  copy: string,
  options: { env: Record<string, string>; signal: AbortSignal },
): Promise<void> {
  const verdict = await checkDatabase({ file, how: "beside", copyTo: copy }, options);
  if (verdict.kind === "sound") return;
  if (verdict.kind === "damaged") {
    rmSync(copy, { force: true });
    const { readFileSync } = process.getBuiltinModule("node:fs");
    writeFileAtomic(copy, readFileSync(file));
    return;
  }
  throw new Fault(`${file} could not be copied: ${verdict.problem}`, {
    why: "A program may be keeping it locked.",
    fix: "openclaw backup create",
  });
}

function changed(file: string): Fault {
  return new Fault(`${file} became shorter while it was read`, {
    why: "Something is writing to it. Nothing was saved.",
    fix: "openclaw backup create",
  });
}

function sizeOf(file: string): number {
  const fd = openSync(file, "r");
  try {
    fsyncSync(fd);
    return fstatSync(fd).size;
  } finally {
    closeSync(fd);
  }
}

function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(folder, "r");
  fsyncSync(fd);
  closeSync(fd);
}

/** For a message about a file that is in the way. */
export function alreadyThere(file: string): Fault {
  return new Fault(`${file} exists already`, {
    why: "A backup never replaces another file.",
    fix: `openclaw backup create --output ${shellWord(`${file}.new`)}`,
  });
}

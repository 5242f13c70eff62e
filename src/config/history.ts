import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { readFileIfExists, sha256Hex, writeFileAtomic } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { storageFault } from "../platform/storage-fault.ts";
import { isRecord } from "../protocol/frames.ts";
import { readConfigFile } from "./read-file.ts";
import { removeStaleDrafts } from "./stale-drafts.ts";
import { withWriteLock } from "./write-lock.ts";

/** Who wrote. `name` says which one: the client of an RPC, the check of the doctor. */
export interface Author {
  kind: "cli" | "rpc" | "doctor" | "hand" | "first-run";
  name?: string;
}

/** One text the config file has had. Numbers grow; a number is never used twice. */
export interface ConfigVersion {
  number: number;
  atMs: number;
  author: Author;
  /** Without values, which may be secrets: "config set gateway.port". */
  command?: string;
  /** SHA-256 of the text, hex. */
  hash: string;
  /** The number of the version this one has put back. */
  restores?: number;
  text: string;
}

export const MAX_VERSIONS = 20;
const NAME = /^(\d{6,12})\.json$/;

/** Newest first, at most twenty. Entries somebody damaged are left out. */
export function configVersions({ dataDir }: Pick<Paths, "dataDir">): ConfigVersion[] {
  const folder = folderIn(dataDir);
  return numbersIn(folder).flatMap((number) => readVersion(folder, number) ?? []);
}

/** Paths of entries that are there and cannot be read, which `configVersions` leaves out. */
export function damagedVersions({ dataDir }: Pick<Paths, "dataDir">): string[] {
  const folder = folderIn(dataDir);
  return numbersIn(folder)
    .filter((number) => readVersion(folder, number) === undefined)
    .map((number) => fileOf(folder, number));
}

/**
 * Takes the file as it is for a version by hand, if it is not the newest one already: for the start of a gateway and
 * for a reload. Undefined when there was nothing new. Throws `Fault` like a write of the config does.
 */
export async function recordHandEdit(paths: Paths, signal?: AbortSignal): Promise<ConfigVersion | undefined> {
  return await withWriteLock(
    paths,
    async () => {
      const raw = readConfigFile(paths.configPath, paths.stateDir);
      return raw === undefined ? undefined : recordFound(paths, raw);
    },
    signal,
  );
}

/** The same for a caller who holds the write lock. */
export function recordFound(paths: Paths, raw: string): ConfigVersion | undefined {
  const folder = folderIn(paths.dataDir);
  const [newest] = numbersIn(folder);
  if (newest !== undefined && readVersion(folder, newest)?.hash === sha256Hex(raw)) return undefined;
  const atMs = Math.round(statSync(paths.configPath, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  return recordVersion(paths, { atMs, author: { kind: "hand" }, text: raw });
}

/** Needs the write lock. Throws `Fault` when the disk refuses. */
export function recordVersion(
  { dataDir }: Pick<Paths, "dataDir">,
  entry: Omit<ConfigVersion, "number" | "hash">,
): ConfigVersion {
  const folder = folderIn(dataDir);
  const numbers = numbersIn(folder);
  const version = { number: (numbers[0] ?? 0) + 1, hash: sha256Hex(entry.text), ...entry };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeStaleDrafts(folder, (name) => NAME.test(name));
    writeFileAtomic(fileOf(folder, version.number), `${JSON.stringify(version)}\n`);
  } catch (error) {
    throw storageFault({ error, path: folder, ours: dataDir }) ?? error;
  }
  for (const old of numbers.slice(MAX_VERSIONS - 1)) rmSync(fileOf(folder, old), { force: true });
  return version;
}

/** For a version that did not become the file after all. Needs the write lock. */
export function dropVersion({ dataDir }: Pick<Paths, "dataDir">, { number }: ConfigVersion): void {
  rmSync(fileOf(folderIn(dataDir), number), { force: true });
}

function folderIn(dataDir: string): string {
  return join(dataDir, "config-history");
}

function fileOf(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(6, "0")}.json`);
}

/** Newest first. */
function numbersIn(folder: string): number[] {
  return namesIn(folder)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw storageFault({ error, path: folder, ours: folder }) ?? error;
  }
}

function readVersion(folder: string, number: number): ConfigVersion | undefined {
  const text = readFileIfExists(fileOf(folder, number));
  if (text === undefined) return undefined;
  try {
    const version: unknown = JSON.parse(text);
    return isVersion(version) && version.number === number ? version : undefined;
  } catch {
    return undefined;
  }
}

function isVersion(value: unknown): value is ConfigVersion {
  return (
    isRecord(value) &&
    typeof value.atMs === "number" &&
    typeof value.text === "string" &&
    value.hash === sha256Hex(value.text) &&
    isRecord(value.author) &&
    typeof value.author.kind === "string"
  );
}

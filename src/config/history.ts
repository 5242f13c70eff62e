import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { makeFolders, readFileIfExists, sha256Hex, writeFileAtomic } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { storageFault } from "../platform/storage-fault.ts";
import { includeRoot } from "./include-path.ts";
import { includedFiles } from "./included-files.ts";
import { readConfigFile } from "./read-file.ts";
import { removeStaleDrafts } from "./stale-drafts.ts";
import {
  type ConfigTexts,
  type ConfigVersion,
  changedFiles,
  parseVersion,
  printVersion,
  sameTexts,
} from "./version.ts";
import { withHistoryLock } from "./write-lock.ts";

export const MAX_VERSIONS = 20;
const NAME = /^(\d{6,12})\.json$/;

/** Newest first, at most twenty. Entries somebody damaged are left out. */
export function configVersions({ dataDir }: Pick<Paths, "dataDir">): ConfigVersion[] {
  const folder = folderIn(dataDir);
  return numbersIn(folder).flatMap((number) => readVersion(folder, number) ?? []);
}

/**
 * Paths of entries that are there and cannot be read, which `configVersions` leaves out. Others get a turn between one
 * and the next.
 */
export async function damagedVersions({ dataDir }: Pick<Paths, "dataDir">): Promise<string[]> {
  const folder = folderIn(dataDir);
  const damaged: string[] = [];
  for (const number of numbersIn(folder)) {
    if (!readVersion(folder, number)) damaged.push(fileOf(folder, number));
    await setImmediate();
  }
  return damaged;
}

/** The newest one, if it is not damaged. */
export function newestVersion({ dataDir }: Pick<Paths, "dataDir">): ConfigVersion | undefined {
  const folder = folderIn(dataDir);
  const [number] = numbersIn(folder);
  return number === undefined ? undefined : readVersion(folder, number);
}

/** What is in the files now; undefined when there is no config. */
export async function currentTexts({ configPath, stateDir }: Paths): Promise<ConfigTexts | undefined> {
  const text = readConfigFile(configPath, stateDir);
  return text === undefined ? undefined : { text, files: await includedFiles(configPath, text) };
}

/**
 * Takes the files as they are for a version by hand, if they are not the newest one already: for the start of a
 * gateway and for a reload. Undefined when there was nothing new. Throws `Fault` like a write of the config does.
 */
export async function recordHandEdit(paths: Paths, signal?: AbortSignal): Promise<ConfigVersion | undefined> {
  return await withHistoryLock(
    paths,
    async () => {
      const texts = await currentTexts(paths);
      return texts && recordFound(paths, texts);
    },
    signal,
  );
}

/** The same for a caller who holds the write lock. */
export function recordFound(paths: Paths, texts: ConfigTexts): ConfigVersion | undefined {
  const newest = newestVersion(paths);
  if (newest && sameTexts(newest, texts)) return undefined;
  return recordVersion(paths, {
    atMs: lastChangeMs(paths, texts, newest),
    author: { kind: "hand" },
    ...texts,
  });
}

/** When the newest of the files that differ was saved. */
function lastChangeMs({ configPath }: Paths, texts: ConfigTexts, newest: ConfigVersion | undefined): number {
  const root = includeRoot(configPath);
  const included = newest ? changedFiles(newest, texts).map((path) => join(root, path)) : [];
  const files = newest?.text === texts.text ? included : [configPath, ...included];
  const times = files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.round(Math.max(...times) || Date.now());
}

/** Needs the write lock. Throws `Fault` when the disk refuses. */
export function recordVersion(
  { dataDir }: Pick<Paths, "dataDir">,
  { files = [], ...entry }: Omit<ConfigVersion, "number" | "hash">,
): ConfigVersion {
  const folder = folderIn(dataDir);
  const numbers = numbersIn(folder);
  const version: ConfigVersion = {
    number: (numbers[0] ?? 0) + 1,
    hash: sha256Hex(entry.text),
    ...entry,
    ...(files.length > 0 && { files }),
  };
  try {
    makeFolders(folder);
    removeStaleDrafts(folder, (name) => NAME.test(name));
    writeFileAtomic(fileOf(folder, version.number), printVersion(version));
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
  try {
    return parseVersion(readFileIfExists(fileOf(folder, number)) ?? "", number);
  } catch {
    // Not to be read, whatever it is: as good as damaged.
    return undefined;
  }
}

import { readdirSync, rmSync, statSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { makeFolders, readFileIfExists, sha256Hex, writeFileAtomic } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import { storageFault } from "../platform/storage-fault.ts";
import { isRecord } from "../protocol/frames.ts";
import { includeRoot } from "./include-path.ts";
import { type IncludedFile, includedFiles } from "./included-files.ts";
import { readConfigFile } from "./read-file.ts";
import { removeStaleDrafts } from "./stale-drafts.ts";
import { withHistoryLock } from "./write-lock.ts";

/** Who wrote. `name` says which one: the client of an RPC, the check of the doctor. */
export interface Author {
  kind: "cli" | "rpc" | "doctor" | "hand" | "first-run";
  name?: string;
}

/** What the config file and those it includes have said at one time. Numbers grow; a number is never used twice. */
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
  /** A gateway that takes it over does not wait for turns and answers that are on their way (`--now`). */
  now?: true;
  /** Of the main file. */
  text: string;
  /** The included files, by path. Versions of older programs know of none. */
  files?: IncludedFile[];
}

/** The config as it is in its files. */
export type ConfigTexts = Pick<ConfigVersion, "text" | "files">;

export const MAX_VERSIONS = 20;
const NAME = /^(\d{6,12})\.json$/;

/** Newest first, at most twenty. Entries somebody damaged are left out. */
export function configVersions({ dataDir }: Pick<Paths, "dataDir">): ConfigVersion[] {
  const folder = folderIn(dataDir);
  return numbersIn(folder).flatMap((number) => readVersion(folder, number) ?? []);
}

/** The names of entries somebody damaged; nothing else suffers. */
export function damagedVersions({ dataDir }: Pick<Paths, "dataDir">): string[] {
  const folder = folderIn(dataDir);
  const damaged = numbersIn(folder).filter((number) => !readVersion(folder, number));
  return damaged.map((number) => basename(fileOf(folder, number)));
}

/** The newest one, if it is not damaged. */
export function newestVersion({ dataDir }: Pick<Paths, "dataDir">): ConfigVersion | undefined {
  const folder = folderIn(dataDir);
  const [number] = numbersIn(folder);
  return number === undefined ? undefined : readVersion(folder, number);
}

/** True when main file and included files have the same texts in both. */
export function sameTexts(a: ConfigTexts, b: ConfigTexts): boolean {
  return a.text === b.text && changedFiles(a, b).length === 0;
}

/** The paths of the included files that differ. */
export function changedFiles(
  { files: before = [] }: ConfigTexts,
  { files: after = [] }: ConfigTexts,
): string[] {
  const textIn = (files: readonly IncludedFile[], path: string) =>
    files.find((file) => file.path === path)?.text;
  const paths = new Set([...before, ...after].map(({ path }) => path));
  return [...paths].filter((path) => textIn(before, path) !== textIn(after, path)).sort();
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
    writeFileAtomic(fileOf(folder, version.number), `${JSON.stringify(stored(version))}\n`);
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
    const version: unknown = JSON.parse(readFileIfExists(fileOf(folder, number)) ?? "");
    return isVersion(version) && version.number === number ? version : undefined;
  } catch {
    return undefined;
  }
}

/** Each text has its hash beside it, so that damage shows. */
function stored(version: ConfigVersion): unknown {
  const { files } = version;
  return files
    ? { ...version, files: files.map((file) => ({ ...file, hash: sha256Hex(file.text) })) }
    : version;
}

function isVersion(value: unknown): value is ConfigVersion {
  return (
    isRecord(value) &&
    typeof value.atMs === "number" &&
    isIntact(value) &&
    isRecord(value.author) &&
    typeof value.author.kind === "string" &&
    (value.files === undefined || (Array.isArray(value.files) && value.files.every(isIncludedFile)))
  );
}

function isIntact(value: Record<string, unknown>): boolean {
  return typeof value.text === "string" && value.hash === sha256Hex(value.text);
}

/** A path that leads out of the folder of the config is no work of ours. */
function isIncludedFile(value: unknown): boolean {
  if (!isRecord(value) || !isIntact(value) || typeof value.path !== "string") return false;
  return value.path !== "" && !isAbsolute(value.path) && !value.path.split("/").includes("..");
}

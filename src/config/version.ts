import { isAbsolute } from "node:path";
import { sha256Hex } from "../platform/files.ts";
import { isRecord } from "../protocol/frames.ts";
import type { IncludedFile } from "./included-files.ts";

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

/** As it is kept: one line of JSON. Each text has its hash beside it, so that damage shows. */
export function printVersion(version: ConfigVersion): string {
  const { files } = version;
  const stored = files?.map((file) => ({ ...file, hash: sha256Hex(file.text) }));
  return `${JSON.stringify({ ...version, ...(stored && { files: stored }) })}\n`;
}

/** The opposite; undefined for what is damaged or has another number. */
export function parseVersion(text: string, number: number): ConfigVersion | undefined {
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

import { realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { isRecord } from "../protocol/frames.ts";

export const INCLUDE = "$include";
export const MAX_INCLUDE_DEPTH = 10;
export const MAX_INCLUDED_FILES = 100;

/** The folder no include may leave: that of the main file, symlinks resolved. */
export function includeRoot(mainFile: string): string {
  const folder = dirname(mainFile);
  return realpathIfExists(folder) ?? folder;
}

export type IncludePath =
  | { ok: true; file: string; real: string; exists: boolean }
  /** A sentence about the name. */
  | { ok: false; problem: string };

/**
 * Where `name`, as a file in `folder` says it, leads to. What it leads to, symlinks resolved, has to lie below `root`;
 * a file that does not exist is judged by the folder it would be in.
 */
export function resolveInclude(name: string, folder: string, root: string): IncludePath {
  const file = resolve(folder, name);
  const found = realpathIfExists(file);
  const real = found ?? realPathOf(file);
  if (!isInside(real, root)) {
    return { ok: false, problem: `${JSON.stringify(name)} lies outside of ${root}` };
  }
  if (found === undefined) return { ok: true, file, real, exists: false };
  // A second name of some other file is the one way out of the folder that a resolved path does not show.
  const stat = statSync(real);
  if (stat.isFile() && stat.nlink > 1)
    return { ok: false, problem: `${JSON.stringify(name)} is a hard link` };
  return { ok: true, file, real, exists: true };
}

/** The names an `$include` gives, or undefined when it is neither a name nor a list of names. */
export function includeNames(value: unknown): string[] | undefined {
  const names = typeof value === "string" ? [value] : value;
  const valid = Array.isArray(names) && names.every((name) => typeof name === "string" && name !== "");
  return valid ? names : undefined;
}

/** True for an object that names other files. */
export function isIncluding(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && Object.hasOwn(value, INCLUDE);
}

export function realpathIfExists(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Of what is not there (yet): the real path of its nearest folder, and the rest as it is written. */
export function realPathOf(path: string): string {
  const folder = dirname(path);
  return realpathIfExists(path) ?? (folder === path ? path : join(realPathOf(folder), basename(path)));
}

export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

import { accessSync, constants, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";

/** A program that a shell would find. */
export interface FoundProgram {
  /** Where PATH has it. */
  path: string;
  /** The file itself, behind all symlinks. */
  real: string;
}

/** Every program of this name on a PATH, the one a shell takes first; each file once. Relative folders are left out. */
export function programsOnPath(name: string, path: string): FoundProgram[] {
  const found = new Map<string, FoundProgram>();
  for (const folder of path.split(delimiter).filter((entry) => isAbsolute(entry))) {
    const candidate = join(folder, process.platform === "win32" ? `${name}.cmd` : name);
    const real = executable(candidate);
    if (real !== undefined && !found.has(real)) found.set(real, { path: candidate, real });
  }
  return [...found.values()];
}

/** How far above a program its package may begin. */
const MAX_LEVELS = 4;

/** Version of the npm package a file is in, where its name is one of `names`. */
export function packageVersionOf(file: string, names: readonly string[]): string | undefined {
  let folder = dirname(file);
  for (let level = 0; level < MAX_LEVELS; level++, folder = dirname(folder)) {
    const manifest = readManifest(join(folder, "package.json"));
    if (manifest && names.includes(String(manifest.name))) return String(manifest.version);
  }
  return undefined;
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function readManifest(path: string): { name?: unknown; version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

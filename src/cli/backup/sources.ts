import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { configuredAgents } from "../../config/agents.ts";
import { includeRoot } from "../../config/include-path.ts";
import { includedFiles } from "../../config/included-files.ts";
import { checkConfig } from "../../config/load.ts";
import { readConfigFile } from "../../config/read-file.ts";
import type { Env } from "../../platform/env.ts";
import { readDraftName } from "../../platform/files.ts";
import type { Paths } from "../../platform/paths.ts";
import { storageFault } from "../../platform/storage-fault.ts";
import { CONFIG_NAME, CONFIG_ROOT, STATE_ROOT } from "./archive.ts";

/** Something to be saved: where it is here, and where in the archive. */
export interface Source {
  file: string;
  path: string;
  kind: "file" | "folder";
  bytes: number;
}

export interface Sources {
  entries: Source[];
  /** Below the state folder, from there; a restore leaves these alone. */
  leftOut: string[];
  /** Folders outside of the state folder, by their folder in the archive. */
  outside: Record<string, string>;
  skipped: string[];
}

export interface SourcesInput {
  paths: Paths;
  env: Env;
  workspace: boolean;
}

/** What belongs to this moment and this process and not to the state; from the state folder. */
export const EPHEMERAL: readonly string[] = [
  "logs",
  "gateway.pid",
  "data/gateway.lock",
  "data/gateway.sock",
  "data/config.lock",
  // Copies of a database that is saved itself.
  "data/snapshots",
];
const JOURNAL = /-(wal|shm|journal)$/;

export function isEphemeral(path: string): boolean {
  return (
    EPHEMERAL.includes(path) || path.startsWith(".restore-") || /^data\/(gateway|config)\.lock-/.test(path)
  );
}

/** Everything a backup takes, in a fixed order. Reads the names, and of contents only the config. */
export async function collectSources({ paths, env, workspace }: SourcesInput): Promise<Sources> {
  const found: Sources = { entries: [], leftOut: [], outside: {}, skipped: [] };
  const configFiles = await configSources(paths, found);
  const workspaces = await workspacesOf(paths, env);
  const inside = workspaces.map((folder) => belowState(folder, paths)).filter((path) => path !== undefined);
  if (!workspace) found.leftOut.push(...inside);
  const skip = (path: string, file: string): boolean =>
    isEphemeral(path) || configFiles.has(file) || (!workspace && inside.includes(path));
  walk(paths.stateDir, STATE_ROOT, found, skip);
  if (!workspace) return found;
  for (const folder of workspaces) {
    if (belowState(folder, paths) !== undefined || lstat(folder)?.isDirectory() !== true) continue;
    if (!relative(resolve(folder), paths.stateDir).startsWith("..")) {
      // The state would be in it twice, and a restore would exchange the ground it stands on.
      found.skipped.push(folder);
      continue;
    }
    const root = `workspace-${Object.keys(found.outside).length}`;
    found.outside[root] = folder;
    walk(folder, root, found, () => false);
  }
  return found;
}

async function configSources({ configPath, stateDir }: Paths, found: Sources): Promise<Set<string>> {
  const text = readConfigFile(configPath, stateDir);
  if (text === undefined) return new Set();
  const root = includeRoot(configPath);
  const included = (await includedFiles(configPath, text)).map(({ path }) => path);
  const files = [
    [configPath, CONFIG_NAME] as const,
    ...included.map((path) => [join(root, path), path] as const),
  ];
  for (const [file, name] of files) {
    const bytes = lstatSync(realpathSync(file)).size;
    found.entries.push({ file, path: `${CONFIG_ROOT}/${name}`, kind: "file", bytes });
  }
  // An included file keeps its own path from the main file, also where that is inside of the state folder.
  return new Set([configPath, ...included.map((path) => resolve(dirname(configPath), path))]);
}

/** Of a config that cannot be read nothing is known but the usual folder. */
export async function workspacesOf(paths: Paths, env: Env): Promise<string[]> {
  const checked = await checkConfig({ paths, env, purpose: "look" });
  const agents = configuredAgents(checked.ok ? checked.loaded.config : {}, paths);
  return [...new Set([...agents.map((agent) => agent.workspace), paths.workspaceDir])];
}

export function belowState(folder: string, { stateDir }: Paths): string | undefined {
  const path = relative(stateDir, resolve(folder));
  return path === "" || path.startsWith("..") || isAbsolute(path) ? undefined : path.split(sep).join("/");
}

/** Follows no link: where one leads is not part of the state. */
function walk(
  folder: string,
  root: string,
  found: Sources,
  skip: (path: string, file: string) => boolean,
): void {
  const visit = (dir: string, below: string): void => {
    for (const name of namesIn(dir)) {
      const file = join(dir, name);
      const path = below === "" ? name : `${below}/${name}`;
      if (skip(path, file) || readDraftName(name) || isJournal(dir, name)) continue;
      const stat = lstat(file);
      if (!stat) continue;
      const archived = `${root}/${path}`;
      // A name no archive may have would make it unreadable as a whole.
      const isPlain = !/[\\\x00-\x1f\x7f]|^[a-z]:/i.test(name);
      if (isPlain && stat.isDirectory()) {
        found.entries.push({ file, path: archived, kind: "folder", bytes: 0 });
        visit(file, path);
      } else if (isPlain && stat.isFile()) {
        found.entries.push({ file, path: archived, kind: "file", bytes: stat.size });
      } else found.skipped.push(file);
    }
  };
  visit(folder, "");
}

/** Of a database that is beside it; what is in it becomes part of the copy of the database. */
function isJournal(dir: string, name: string): boolean {
  return JOURNAL.test(name) && lstat(join(dir, name.replace(JOURNAL, ""))) !== undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw storageFault({ error, path: folder, ours: folder }) ?? error;
  }
}

function lstat(file: string) {
  return lstatSync(file, { throwIfNoEntry: false });
}

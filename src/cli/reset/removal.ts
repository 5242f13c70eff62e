import { lstatSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { includeRoot } from "../../config/include-path.ts";
import { includedFiles } from "../../config/included-files.ts";
import { readConfigFile } from "../../config/read-file.ts";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import { makeFolders } from "../../platform/files.ts";
import { holdStill } from "../../platform/lock.ts";
import type { Paths } from "../../platform/paths.ts";
import { storageFault } from "../../platform/storage-fault.ts";
import { backupFolder, newBackupFile } from "../backup/backup-folder.ts";
import { type Backup, createBackup } from "../backup/create.ts";
import { workspacesOf } from "../backup/sources.ts";

/** What can be taken away; each is a word people choose by. */
export type Part = "config" | "credentials" | "sessions" | "state" | "workspace";

export interface Removal {
  parts: readonly Part[];
  /** Files and folders that go; only what is there. */
  gone: { path: string; bytes: number }[];
  /** In the state folder and not of this program. */
  foreign: string[];
}

const CONFIG_COPY = /\.(last-good|(bak|rejected|clobbered)\..+)$/;

/** Looks only. Throws `Fault` (1) for a workspace that is more than a workspace. */
export async function planRemoval(parts: readonly Part[], paths: Paths, env: Env): Promise<Removal> {
  const wanted = new Set<string>();
  const workspaces = await workspacesOf(paths, env);
  if (parts.includes("config")) for (const file of await configFiles(paths)) wanted.add(file);
  if (parts.includes("credentials"))
    for (const file of [
      paths.tokenFile,
      paths.ownDeviceFile,
      paths.tlsDir,
      ...database(paths.devicesDb),
      ...database(paths.sendersDb),
    ])
      wanted.add(file);
  if (parts.includes("sessions"))
    for (const file of [...database(paths.sessionsDb), join(paths.dataDir, "snapshots")]) wanted.add(file);
  if (parts.includes("state"))
    for (const path of [paths.dataDir, paths.logsDir, paths.pidFile]) wanted.add(path);
  if (parts.includes("workspace"))
    for (const folder of workspaces) {
      requireOnlyWorkspace(folder, paths, env);
      wanted.add(resolve(folder));
    }
  const isNested = (path: string) => [...wanted].some((each) => path.startsWith(`${each}/`));
  const gone = [...wanted]
    .filter((path) => !isNested(path) && isThere(path))
    .map((path) => ({ path, bytes: sizeOf(path) }));
  const known = new Set([
    ...wanted,
    ...workspaces,
    paths.dataDir,
    paths.logsDir,
    paths.pidFile,
    paths.configPath,
  ]);
  const foreign = namesIn(paths.stateDir)
    .map((name) => join(paths.stateDir, name))
    .filter((path) => !known.has(path) && ![...known].some((each) => each.startsWith(`${path}/`)));
  return { parts, gone, foreign };
}

export interface Removed {
  backup?: Backup;
}

/** Saves everything that goes in one backup, then removes it. No gateway may run. Throws `Fault`. */
export async function remove(
  { parts, gone }: Removal,
  { paths, env, nowMs, signal }: { paths: Paths; env: Env; nowMs: number; signal: AbortSignal },
): Promise<Removed> {
  if (gone.length === 0) return {};
  makeFolders(paths.dataDir);
  let still = holdStill(paths.lockFile);
  if (!still) throw new Fault("a gateway has just started on this state folder", { fix: "openclaw stop" });
  try {
    const workspace = parts.includes("workspace");
    const output = newBackupFile(backupFolder(env), nowMs, "before-reset");
    const backup = await createBackup({ paths, env, workspace, output, nowMs, signal });
    for (const { path } of gone) if (path !== paths.dataDir) rmSync(path, { recursive: true, force: true });
    if (parts.includes("state")) {
      for (const name of namesIn(paths.dataDir))
        if (join(paths.dataDir, name) !== paths.lockFile)
          rmSync(join(paths.dataDir, name), { recursive: true, force: true });
      still[Symbol.dispose]();
      still = undefined;
      rmSync(paths.dataDir, { recursive: true, force: true });
    }
    return { backup };
  } catch (error) {
    throw storageFault({ error, path: paths.stateDir, ours: paths.stateDir }) ?? error;
  } finally {
    still?.[Symbol.dispose]();
  }
}

/** The main file, what it includes, and the copies beside it. */
async function configFiles({ configPath, stateDir }: Paths): Promise<string[]> {
  const text = readTextIfPossible(configPath, stateDir);
  const included = text === undefined ? [] : await includedFiles(configPath, text);
  const root = isThere(dirname(configPath)) ? includeRoot(configPath) : dirname(configPath);
  const copies = namesIn(dirname(configPath))
    .map((name) => join(dirname(configPath), name))
    .filter((path) => path.startsWith(configPath) && CONFIG_COPY.test(path.slice(configPath.length)));
  return [configPath, ...included.map(({ path }) => join(root, path)), ...copies];
}

function readTextIfPossible(configPath: string, stateDir: string): string | undefined {
  try {
    return readConfigFile(configPath, stateDir);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function database(path: string): string[] {
  return ["", "-wal", "-shm"].map((suffix) => path + suffix);
}

/** `agents.defaults.workspace: "~"` is a home and nothing to remove. */
function requireOnlyWorkspace(folder: string, { stateDir, configPath }: Paths, { home }: Env): void {
  const held = [home, stateDir, configPath].find((path) => !relative(resolve(folder), path).startsWith(".."));
  if (held === undefined) return;
  throw new Fault(`the workspace ${folder} is not removed: ${held} lies in it`, {
    why: "It holds more than the files of agents.",
    fix: "openclaw config get agents.defaults.workspace",
  });
}

function sizeOf(path: string): number {
  const found = lstatSync(path);
  if (!found.isDirectory()) return found.size;
  return namesIn(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw storageFault({ error, path: folder, ours: folder }) ?? error;
  }
}

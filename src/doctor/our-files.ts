import { lstatSync, readdirSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { readDraftName } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";

/** Something of the state folder that belongs to this program by contract. */
export interface OurFile {
  path: string;
  /** `secret`: tokens and keys are in it. `private`: what was said. `workspace`: the agent's and its owner's. */
  kind: "secret" | "private" | "workspace";
  stat: Stats;
}

/** Looked at every few minutes inside a gateway, so a full workspace must not make it slow. */
const MAX_FILES = 400;
const MAX_DEPTH = 4;

const COPY = /^\.(last-good|(rejected|bak|clobbered)\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)$/;
const LOG = /^(gateway-\d{4}-\d\d-\d\d(\.\d{1,6})?|background)\.log$/;

/**
 * Files and folders of ours, the state folder first, at most 400. Another implementation may live in the same folder,
 * so beside the config, in `logs` and at the top only names of ours count. Symlinks are not followed.
 */
export function ourFiles(paths: Paths, configFiles: readonly string[] = []): OurFile[] {
  const found = new Map<string, OurFile>();

  function add(path: string, kind: OurFile["kind"]): Stats | undefined {
    if (found.size >= MAX_FILES || found.has(path)) return undefined;
    const stat = lookAt(path);
    if (!stat || stat.isSymbolicLink()) return undefined;
    found.set(path, { path, kind, stat });
    return stat;
  }

  function addTree(folder: string, kindOf: (path: string) => OurFile["kind"], depth = 0): void {
    if (!add(folder, kindOf(folder))?.isDirectory() || depth > MAX_DEPTH) return;
    for (const name of namesIn(folder)) addTree(join(folder, name), kindOf, depth + 1);
  }

  /** A folder in the place of a config is no file of ours. */
  function addFile(path: string): void {
    if (lookAt(path)?.isFile()) add(path, "secret");
  }

  const { stateDir, configPath, dataDir, logsDir, pidFile, tokenFile, workspaceDir } = paths;
  add(stateDir, "private");
  for (const file of [configPath, ...configFiles]) addFile(realWithin(file, stateDir) ?? file);
  for (const file of copiesOf(configPath)) addFile(file);
  add(pidFile, "private");
  const secret = [tokenFile, join(dataDir, "config-history"), join(dataDir, "doctor")];
  addTree(dataDir, (path) =>
    secret.some((each) => path === each || path.startsWith(`${each}${sep}`)) ? "secret" : "private",
  );
  add(logsDir, "private");
  for (const name of namesIn(logsDir)) if (LOG.test(name)) add(join(logsDir, name), "private");
  addTree(workspaceDir, () => "workspace");
  return [...found.values()];
}

/** The older versions of the config that commands keep beside it, and drafts of any of them. */
function copiesOf(configPath: string): string[] {
  const base = basename(configPath);
  return namesIn(dirname(configPath))
    .filter((name) => {
      const whole = readDraftName(name)?.file ?? name;
      return (
        name !== base && (whole === base || (whole.startsWith(base) && COPY.test(whole.slice(base.length))))
      );
    })
    .map((name) => join(dirname(configPath), name));
}

/** Where a symlink leads, if that is in the state folder. */
function realWithin(path: string, folder: string): string | undefined {
  try {
    const real = realpathSync(path);
    return real.startsWith(realpathSync(folder) + sep) ? real : undefined;
  } catch {
    return undefined;
  }
}

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

/** Sorted; nothing where it is no folder or may not be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

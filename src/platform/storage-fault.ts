import { statSync } from "node:fs";
import { dirname } from "node:path";
import { Fault } from "./fault.ts";

export interface StorageFaultInput {
  error: unknown;
  /** What could not be made, opened or written. */
  path: string;
  /** The folder that belongs to us and that the fix may touch, recursively. */
  ours: string;
  /** How the error is to begin; the text of the operating system stays in it. */
  prefix?: string;
}

/**
 * A refusal of the disk as something a person can act on, or undefined when the error is not one.
 * Full and read-only disks are temporary (75): a supervisor retries. Missing rights need a person (78).
 */
export function storageFault({ error, path, ours, prefix = "" }: StorageFaultInput): Fault | undefined {
  if (!(error instanceof Error)) return undefined;
  const what = `${prefix}${error.message}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOSPC":
    case "EDQUOT":
      return new Fault(what, {
        why: `No space is left for ${path}.`,
        fix: `df -h ${shellWord(nearestExisting(path))}`,
        exitCode: 75,
        cause: error,
      });
    case "EIO":
      return new Fault(what, {
        why: `The disk under ${path} failed to read or write.`,
        fix: `df -h ${shellWord(nearestExisting(path))}`,
        exitCode: 75,
        cause: error,
      });
    case "EROFS":
      return new Fault(what, {
        why: `${path} is on a file system that is mounted read-only.`,
        fix: `mount | grep ' ro[,)]'`,
        exitCode: 75,
        cause: error,
      });
    case "EACCES":
    case "EPERM":
      return new Fault(what, {
        why: whoMayNot(path),
        fix: takeOverCommand(ours),
        exitCode: 78,
        cause: error,
      });
    case "ENOTDIR":
    case "EEXIST":
      return new Fault(what, {
        why: `${blocking(path)} is in the way: a folder is needed there.`,
        fix: `mv ${shellWord(blocking(path))} ${shellWord(`${blocking(path)}.old`)}`,
        exitCode: 78,
        cause: error,
      });
    default:
      return undefined;
  }
}

/** `user "ann" (uid 1000) may not use /x, which belongs to uid 0 with mode 0700` */
function whoMayNot(path: string): string {
  const closest = nearestExisting(path);
  const found = statSync(closest, { throwIfNoEntry: false });
  const owner = found
    ? `, where ${closest} belongs to uid ${found.uid} with mode ${octalMode(found.mode)}`
    : "";
  return `This process runs as ${currentUser()} and may not use ${path}${owner}.`;
}

/** Both halves are needed: the owner may be wrong, or the mode of something that is already ours. */
export function takeOverCommand(ours: string): string {
  const word = shellWord(ours);
  const make = reachable(ours) ? "" : `sudo mkdir -p ${word} && `;
  return `${make}sudo chown -R $(whoami) ${word} && chmod -R u+rwX ${word}`;
}

export function octalMode(mode: number): string {
  return `0${(mode & 0o777).toString(8).padStart(3, "0")}`;
}

function currentUser(): string {
  const uid = process.getuid?.();
  if (uid === undefined) return "this user";
  return `user "${userName() ?? "unknown"}" (uid ${uid})`;
}

/** A container may run under a uid that has no account. */
function userName(): string | undefined {
  try {
    return process.getBuiltinModule("node:os").userInfo().username;
  } catch {
    return undefined;
  }
}

/** The path itself or its nearest ancestor that can be looked at. */
export function nearestExisting(path: string): string {
  return reachable(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

/** The nearest thing on the way that exists and is not a folder. */
function blocking(path: string): string {
  const found = nearestExisting(path);
  return statSync(found, { throwIfNoEntry: false })?.isDirectory() ? path : found;
}

function reachable(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** A path as one word for the shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

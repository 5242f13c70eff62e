import { chmodSync, chownSync, existsSync, lstatSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { restoreConfigBytes } from "../config/restore-bytes.ts";
import { sha256Hex, writeFileAtomic } from "../platform/files.ts";
import type { Paths } from "../platform/paths.ts";
import type { Change } from "./change.ts";
import { returnConflict, returnDatabase, type SetAside } from "./replace-database.ts";

/** How one path gets back to what it was. `after` is what the change has left there; anything else is somebody's work. */
export type Undo =
  | {
      kind: "bytes";
      path: string;
      config: boolean;
      before: SavedFile | null;
      after: string | null | "unknown";
    }
  | { kind: "mode"; path: string; before: number; after: number }
  | { kind: "owner"; path: string; before: Owner; after: Owner }
  | { kind: "move"; from: string; to: string }
  | ({ kind: "database" } & SetAside);

interface SavedFile {
  /** Name in the folder of the session. */
  blob: string;
  mode: number;
}

interface Owner {
  uid: number;
  gid: number;
}

/** Saves what a change is going to replace. Throws where it cannot be read: then the change is not made. */
export function saveBefore(change: Change, folder: string, configFiles: readonly string[]): Undo[] {
  switch (change.kind) {
    case "config-edits":
    case "config-text":
      return configFiles.map((path) => saveBytes(path, folder, true));
    case "write":
    case "service":
    case "remove":
    case "own-token":
      return [saveBytes(change.path, folder, false)];
    case "chmod":
      return [
        { kind: "mode", path: change.path, before: lstatSync(change.path).mode & 0o7777, after: change.mode },
      ];
    case "chown": {
      const { uid, gid } = lstatSync(change.path);
      return [
        {
          kind: "owner",
          path: change.path,
          before: { uid, gid },
          after: { uid: change.uid, gid: change.gid },
        },
      ];
    }
    case "move":
      return [{ kind: "move", from: change.from, to: change.to }];
    case "replace-database": {
      const { path, lockFile, aside } = change;
      return [{ kind: "database", path, lockFile, aside }];
    }
  }
}

function saveBytes(path: string, folder: string, config: boolean): Undo {
  const bytes = readIfThere(path);
  if (!bytes) return { kind: "bytes", path, config, before: null, after: "unknown" };
  const blob = `${sha256Hex(path).slice(0, 16)}-${Math.random().toString(36).slice(2)}`;
  writeFileAtomic(join(folder, blob), bytes);
  const mode = lstatSync(path).mode & 0o7777;
  return { kind: "bytes", path, config, before: { blob, mode }, after: "unknown" };
}

/** Called when the change is made: what was left alone needs no undoing. */
export function settleUndo(undos: readonly Undo[], folder: string): Undo[] {
  return undos.flatMap((undo): Undo[] => {
    if (undo.kind !== "bytes") return [undo];
    const now = hashOf(undo.path);
    const before = undo.before && sha256Hex(readFileSync(join(folder, undo.before.blob)));
    return now === before ? [] : [{ ...undo, after: now }];
  });
}

/** Why it cannot be taken back without losing something, or undefined. */
export function conflictOf(undo: Undo): string | undefined {
  switch (undo.kind) {
    case "bytes":
      return undo.after === "unknown" || hashOf(undo.path) === undo.after
        ? undefined
        : `${undo.path} has changed since`;
    case "mode":
    case "owner":
      return existsSync(undo.path) ? undefined : `${undo.path} is gone`;
    case "move":
      if (!existsSync(undo.to)) return existsSync(undo.from) ? undefined : `${undo.to} is gone`;
      return existsSync(undo.from) ? `${undo.from} is there again` : undefined;
    case "database":
      return returnConflict(undo);
  }
}

/** `folder` is that of the session. */
export async function takeBack(undo: Undo, folder: string, paths: Paths, nowMs: number): Promise<void> {
  switch (undo.kind) {
    case "bytes":
      return await restoreBytes(undo, folder, paths, nowMs);
    case "mode":
      return chmodSync(undo.path, undo.before);
    case "owner":
      return chownSync(undo.path, undo.before.uid, undo.before.gid);
    case "move":
      // A crash may have come before the change was made.
      if (existsSync(undo.to)) renameSync(undo.to, undo.from);
      return;
    case "database":
      return returnDatabase(undo);
  }
}

async function restoreBytes(
  { path, config, before }: Undo & { kind: "bytes" },
  folder: string,
  paths: Paths,
  nowMs: number,
): Promise<void> {
  const bytes = before ? readFileSync(join(folder, before.blob)) : undefined;
  if (config) {
    const expected = hashOf(path) ?? undefined;
    const author = { kind: "doctor" } as const;
    await restoreConfigBytes({ paths, file: path, bytes, expected, author, command: "doctor --undo", nowMs });
  } else if (bytes) {
    // Bytes that may hold a secret never come back readable for others, however they were (CONF-05).
    writeFileAtomic(path, bytes, { mode: before!.mode & 0o700 });
  } else rmSync(path, { force: true });
}

function hashOf(path: string): string | null {
  const bytes = readIfThere(path);
  return bytes ? sha256Hex(bytes) : null;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writeFileAtomic } from "../platform/files.ts";
import { storageFault } from "../platform/storage-fault.ts";

/**
 * "rejected": a text that was refused. "bak": what was replaced by a reset, or was nothing the history can keep.
 * "clobbered": a broken file the doctor has repaired.
 */
export type CopyKind = "rejected" | "bak" | "clobbered";

const MAX_COPIES = 32;
const TIME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z$/;

/**
 * Saves `content` as `<file>.<kind>.2026-11-20T18-15-17-765Z`, 0600, and keeps the newest 32 of its kind.
 * Returns the path. Throws `Fault` when the disk refuses.
 */
export function keepCopy(file: string, kind: CopyKind, content: string | Uint8Array, atMs: number): string {
  let path = "";
  for (let ms = atMs; path === "" || existsSync(path); ms++) path = `${file}.${kind}.${timeInName(ms)}`;
  try {
    writeFileAtomic(path, content);
    removeOldest(file, kind);
  } catch (error) {
    throw storageFault({ error, path, ours: dirname(file) }) ?? error;
  }
  return path;
}

function removeOldest(file: string, kind: CopyKind): void {
  const folder = dirname(file);
  const prefix = `${basename(file)}.${kind}.`;
  const names = readdirSync(folder).filter(
    (name) => name.startsWith(prefix) && TIME.test(name.slice(prefix.length)),
  );
  for (const name of names.sort().reverse().slice(MAX_COPIES)) rmSync(join(folder, name), { force: true });
}

function timeInName(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[:.]/g, "-");
}

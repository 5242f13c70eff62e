import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import type { About } from "./archive.ts";
import { readAbout } from "./read-backup.ts";

/** Beside the state folder, not in it: who deletes that one keeps the backups. */
export function backupFolder({ home }: Pick<Env, "home">): string {
  return join(home, "openclaw-backups");
}

/** A name nobody uses yet, `openclaw-backup-2026-11-26T02-00-00Z.tar.gz`. */
export function newBackupFile(folder: string, nowMs: number, kind = "backup"): string {
  const time = new Date(nowMs)
    .toISOString()
    .replaceAll(":", "-")
    .replace(/\.\d+Z$/, "Z");
  for (let at = 1; ; at++) {
    const file = join(folder, `openclaw-${kind}-${time}${at === 1 ? "" : `-${at}`}.tar.gz`);
    if (!existsSync(file)) return file;
  }
}

export interface ListedBackup {
  file: string;
  bytes: number;
  about?: About;
  /** Why it cannot be told what it is. */
  problem?: string;
}

/** Newest first. */
export async function listBackups(folder: string): Promise<ListedBackup[]> {
  const found: ListedBackup[] = [];
  for (const name of namesIn(folder)) {
    const file = resolve(folder, name);
    const { size: bytes } = statSync(file);
    try {
      found.push({ file, bytes, about: await readAbout(file) });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      found.push({ file, bytes, problem: error.message });
    }
  }
  return found.sort((a, b) => (b.about?.createdAt ?? "").localeCompare(a.about?.createdAt ?? ""));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^openclaw-.+\.tar\.gz$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../platform/paths.ts";

/** A copy of the database of sessions as it was at one moment, read through before it got its name. */
export interface SnapshotFile {
  path: string;
  atMs: number;
}

const NAME = /^sessions-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)\.sqlite$/;

export function snapshotFolder({ dataDir }: Pick<Paths, "dataDir">): string {
  return join(dataDir, "snapshots");
}

export function snapshotPath(folder: string, atMs: number): string {
  return join(folder, `sessions-${new Date(atMs).toISOString().replaceAll(/[:.]/g, "-")}.sqlite`);
}

/** Newest first. */
export function snapshotsIn(folder: string): SnapshotFile[] {
  return namesIn(folder)
    .flatMap((name): SnapshotFile[] => {
      const time = NAME.exec(name)?.[1];
      return time === undefined ? [] : [{ path: join(folder, name), atMs: timeOf(time) }];
    })
    .sort((a, b) => b.atMs - a.atMs);
}

function timeOf(text: string): number {
  return Date.parse(text.replace(/T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/, "T$1:$2:$3.$4Z"));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

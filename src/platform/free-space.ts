import { realpath, stat, statfs } from "node:fs/promises";
import { nearestExisting } from "./storage-fault.ts";

export interface FreeSpace {
  /** The path itself or the nearest folder above it that is there, without symlinks. */
  path: string;
  /** What this user may still fill. */
  bytes: number;
  /** Undefined where the file system does not count them. */
  inodes?: number;
  /** Two paths with the same number are on one disk. */
  device: number;
}

/** How much room is left where `path` is or is going to be. */
export async function freeSpaceAt(path: string): Promise<FreeSpace> {
  const there = await realpath(nearestExisting(path));
  const [{ bavail, bsize, files, ffree }, { dev }] = await Promise.all([statfs(there), stat(there)]);
  return { path: there, bytes: bavail * bsize, ...(files > 0 && { inodes: ffree }), device: dev };
}

import { readFileSync, statSync } from "node:fs";

/**
 * Which process holds a file for writing, by the word of the kernel; undefined outside of Linux, where nobody does,
 * and where the file system hides it.
 */
export function lockHolder(file: string): number | undefined {
  try {
    const { dev, ino } = statSync(file, { bigint: true });
    return parseLocks(readFileSync("/proc/locks", "utf8"), dev, ino);
  } catch {
    return undefined;
  }
}

/** Pure. `1: POSIX  ADVISORY  WRITE 4711 fe:00:8086 1073741824 1073742335`; a waiting process has `->` in its row. */
export function parseLocks(table: string, dev: bigint, ino: bigint): number | undefined {
  const place = `${hex(major(dev))}:${hex(minor(dev))}:${ino}`;
  for (const row of table.split("\n")) {
    const [, pid, where] = /^\d+: POSIX\s+ADVISORY\s+WRITE (\d+) (\S+) /.exec(row) ?? [];
    if (where === place && Number(pid) > 0) return Number(pid);
  }
  return undefined;
}

function major(dev: bigint): bigint {
  return ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
}

function minor(dev: bigint): bigint {
  return (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
}

function hex(part: bigint): string {
  return part.toString(16).padStart(2, "0");
}

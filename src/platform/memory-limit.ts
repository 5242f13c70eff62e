import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { memoryGroupOf } from "./cgroup.ts";
import { parseMountinfo } from "./mounts.ts";

/** What this process can have at most, and who says so. */
export interface MemoryLimit {
  bytes: number;
  /** A file of the control group, or "the machine". */
  source: string;
}

/** The limit of the control group where there is one, else what the machine has. */
export function ownMemoryLimit(text: (path: string) => string | undefined = textOf): MemoryLimit {
  const machine = { bytes: totalmem(), source: "the machine" };
  const mounts = parseMountinfo(text("/proc/self/mountinfo") ?? "");
  const { limit } = memoryGroupOf(text("/proc/self/cgroup") ?? "", mounts, text);
  return limit && limit.bytes < machine.bytes ? { bytes: limit.bytes, source: limit.file } : machine;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

import { readdirSync, readFileSync } from "node:fs";
import { memoryGroupOf } from "./cgroup.ts";
import { parseMountinfo } from "./mounts.ts";

/** A counter of the kernel: how many processes of a memory group it has killed for want of memory. */
export interface OomCounter {
  /** Where it is read; another group has another one. */
  file: string;
  kills: number;
}

/** Differs from one boot of the machine to the next; undefined where there is no such thing. */
export function kernelBootId(): string | undefined {
  return textOf("/proc/sys/kernel/random/boot_id")?.trim() || undefined;
}

/**
 * When a process began, in clock ticks since the machine started. Together with the boot id and the process id this
 * names one process for good, whatever is done to the clock; undefined for one that is gone and outside of Linux.
 */
export function processStartTicks(pid: number | "self"): number | undefined {
  // The second field is the program's name in brackets, which may contain anything.
  const [, fields] = /^.*\) (.*)$/s.exec(textOf(`/proc/${pid}/stat`) ?? "") ?? [];
  const ticks = Number(fields?.split(" ")[19]);
  return Number.isFinite(ticks) ? ticks : undefined;
}

/** Somebody has stopped it (SIGSTOP, Ctrl-Z, a debugger): it is there and does nothing. Only Linux tells. */
export function isPaused(pid: number): boolean {
  return /^.*\) [Tt] /s.test(textOf(`/proc/${pid}/stat`) ?? "");
}

/** The threads of this process; empty outside of Linux. */
export function ownThreadIds(): number[] {
  try {
    return readdirSync("/proc/self/task").map(Number);
  } catch {
    return [];
  }
}

/** The counter of the memory group this process is in. */
export function ownOomCounter(): OomCounter | undefined {
  const mounts = parseMountinfo(textOf("/proc/self/mountinfo") ?? "");
  const { oomKills } = memoryGroupOf(textOf("/proc/self/cgroup") ?? "", mounts, textOf);
  return oomKills && { file: oomKills.file, kills: oomKills.count };
}

/** `memory.events` of cgroup v2 and `memory.oom_control` of v1 have the same line. */
export function readOomKills(file: string): number | undefined {
  const [, kills] = /^oom_kill (\d+)$/m.exec(textOf(file) ?? "") ?? [];
  return kills === undefined ? undefined : Number(kills);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

export interface OomQuery {
  /** Of the machine, in seconds; lines that carry a time stamp of that clock are judged by it. */
  uptimeS: number | undefined;
  maxAgeS: number;
  /** Path of the control group to speak of. */
  group: string | undefined;
  max: number;
}

/**
 * The newest lines in which the kernel says that it has killed a process for want of memory, as they stand in its log,
 * without the time stamp. A group at its own limit counts only where it is the one asked for, one above it, or a service
 * of ours: in a container the log is that of everybody. Pure.
 */
export function oomLines(kernelLog: string, { uptimeS, maxAgeS, group, max }: OomQuery): string[] {
  const groupOfPid = new Map<string, string>();
  return kernelLog
    .split("\n")
    .flatMap((line) => {
      const [, limited, pidThere] = DETAILS.exec(line) ?? [];
      if (limited !== undefined) groupOfPid.set(pidThere!, limited);
      const [text, inGroup, pid = ""] = OOM.exec(line) ?? [];
      if (text === undefined) return [];
      if (inGroup !== undefined && !concerns(groupOfPid.get(pid), group)) return [];
      const atS = Number(STAMP.exec(line)?.[1]);
      return uptimeS !== undefined && uptimeS - atS > maxAgeS ? [] : [text];
    })
    .slice(-max);
}

function concerns(limited: string | undefined, group: string | undefined): boolean {
  if (limited === undefined) return false;
  return OUR_SERVICE.test(limited) || group === limited || (group?.startsWith(`${limited}/`) ?? false);
}

/** `Out of memory: Killed process 1234 (node) total-vm:2048000kB, …`; older kernels vary the words. */
const OOM = /(memory cgroup )?out of memory: killed process (\d+) \([^)]*\).*$/i;
/** The line before it: which group was at its limit. */
const DETAILS = /\boom-kill:.*\boom_memcg=([^,]+),.*\bpid=(\d+)/;
const STAMP = /^\[\s*(\d+\.\d+)\]/;
const OUR_SERVICE = /\/openclaw[\w@.-]*\.service(\/|$)/;

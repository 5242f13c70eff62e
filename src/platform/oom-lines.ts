export interface OomQuery {
  /** Of the machine, in seconds; lines that carry a time stamp of that clock are judged by it. */
  uptimeS: number | undefined;
  maxAgeS: number;
  max: number;
}

/**
 * The newest lines in which the kernel says that it has killed a process for want of memory, as they stand in its log,
 * without the time stamp. A group that ran into its own limit says nothing about this machine, unless a Node was in
 * it: in a container the log is that of everybody. Pure.
 */
export function oomLines(kernelLog: string, { uptimeS, maxAgeS, max }: OomQuery): string[] {
  return kernelLog
    .split("\n")
    .flatMap((line) => {
      const [text, group, name = ""] = OOM.exec(line) ?? [];
      const atS = Number(STAMP.exec(line)?.[1]);
      const isOld = uptimeS !== undefined && uptimeS - atS > maxAgeS;
      return text === undefined || isOld || (group !== undefined && !NODE.test(name)) ? [] : [text];
    })
    .slice(-max);
}

/** `Out of memory: Killed process 1234 (node) total-vm:2048000kB, …`; older kernels vary the words. */
const OOM = /(memory cgroup )?out of memory: killed process \d+ \(([^)]*)\).*$/i;
const STAMP = /^\[\s*(\d+\.\d+)\]/;
/** Node calls its first thread so. */
const NODE = /^(node|MainThread|openclaw)/;

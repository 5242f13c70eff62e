import { readdirSync, readFileSync, statSync } from "node:fs";

export interface RunningProcess {
  pid: number;
  parentPid: number;
  argv: readonly string[];
  /** What it was started with. */
  env: Readonly<Record<string, string>>;
}

/** Processes of this user as far as `/proc` shows them; nothing on systems without it. Those of others show no environment. */
export function ownProcesses(): RunningProcess[] {
  const uid = process.getuid?.();
  return pids().flatMap((pid): RunningProcess[] => {
    try {
      if (statSync(`/proc/${pid}`).uid !== uid) return [];
      const argv = words(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      // A kernel thread, or a process that has ended.
      if (argv.length === 0) return [];
      const parentPid = parentIn(readFileSync(`/proc/${pid}/stat`, "utf8"));
      return [
        { pid, parentPid, argv, env: environment(words(readFileSync(`/proc/${pid}/environ`, "utf8"))) },
      ];
    } catch {
      return [];
    }
  });
}

/** `pid (name) state parent …`, where the name may hold anything. */
function parentIn(stat: string): number {
  return Number(
    stat
      .slice(stat.lastIndexOf(")") + 1)
      .trim()
      .split(" ")[1],
  );
}

function pids(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function words(text: string): string[] {
  return text.split("\0").filter((word) => word !== "");
}

function environment(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}

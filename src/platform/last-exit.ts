import type { Boot } from "./boot-ledger.ts";

/** What most likely ended a gateway that said no goodbye. */
export type ExitCause = "machine-restarted" | "oom" | "segfault" | "killed";

export type LastExit =
  /** Nothing is known of an earlier run. */
  | { kind: "none" }
  | { kind: "clean"; boot: Boot; atMs: number }
  /** It ended by itself, and not as it should. */
  | { kind: "failed"; boot: Boot; atMs: number; cause: string; fix?: string }
  /** Somebody or something else ended it; `atMs` is its last sign of life. */
  | { kind: "unclean"; boot: Boot; atMs: number; cause: ExitCause; evidence: string };

/** What the machine can tell now about the end of a boot. */
export interface ExitFacts {
  kernelBootId?: string;
  /** Of the memory group the boot was in. */
  oomKills?: number;
  /** The kernel's messages, or the part that speaks of processes that ended. */
  kernelLog?: string;
  /** When the boot was last known to live, for example by the time of its ledger. */
  lastSignAtMs?: number;
}

/** Pure: how the newest of these boots ended. Not to be asked of one that still runs. */
export function lastExit(boots: readonly Boot[], facts: ExitFacts): LastExit {
  const boot = boots.at(-1);
  if (!boot) return { kind: "none" };
  const { end } = boot;
  if (!end) return { kind: "unclean", boot, atMs: lastSign(boot, facts), ...causeOf(boot, facts) };
  const { kind, atMs, cause, fix } = end;
  switch (kind) {
    case "stopped":
      return { kind: "clean", boot, atMs };
    case "restarting":
      return { kind: "failed", boot, atMs, cause: "it was restarting and did not come back" };
    case "crash storm":
      return { kind: "failed", boot, atMs, cause: cause ?? "too many errors nobody caught" };
    case "hung":
      return { kind: "failed", boot, atMs, cause: cause ?? "its main thread did not come back" };
    case "failed":
      return { kind: "failed", boot, atMs, cause: cause ?? "the start failed", ...(fix && { fix }) };
  }
}

/** `was killed by the OOM killer (out of memory), 3 min ago`; undefined for an exit that is no news. */
export function exitText(exit: LastExit, nowMs: number): string | undefined {
  switch (exit.kind) {
    case "none":
    case "clean":
      return undefined;
    case "failed":
      return `failed ${ago(nowMs - exit.atMs)}: ${exit.cause}`;
    case "unclean":
      return `${WORDS[exit.cause]}, ${ago(nowMs - exit.atMs)} (${exit.evidence})`;
  }
}

/** People search a log for `killed` and `OOM`. */
const WORDS: Readonly<Record<ExitCause, string>> = {
  "machine-restarted": "was ended by a restart of the machine",
  oom: "was killed by the OOM killer (out of memory)",
  segfault: "was killed by a segmentation fault (SIGSEGV)",
  killed: "was killed (SIGKILL) or lost power",
};

/** The strongest evidence decides. */
function causeOf(boot: Boot, facts: ExitFacts): { cause: ExitCause; evidence: string } {
  const { kernelBootId, oomKills, kernelLog = "" } = facts;
  if (boot.kernelBootId !== undefined && kernelBootId !== undefined && boot.kernelBootId !== kernelBootId)
    return { cause: "machine-restarted", evidence: "the kernel has another boot id" };

  const oomLine = lineWith(kernelLog, new RegExp(`Killed process ${boot.pid}\\b`));
  if (oomLine !== undefined) return { cause: "oom", evidence: oomLine };
  const threads = [boot.pid, ...(boot.threadIds ?? [])].join("|");
  const faultLine =
    lineWith(kernelLog, new RegExp(`\\[(${threads})\\]: segfault at`)) ??
    lineWith(kernelLog, new RegExp(`\\bpid=${boot.pid}\\b.*\\bsig=11\\b`));
  if (faultLine !== undefined) return { cause: "segfault", evidence: faultLine };

  if (boot.oom && oomKills !== undefined && oomKills > boot.oom.kills) {
    const counter = `oom_kill rose from ${boot.oom.kills} to ${oomKills}`;
    return { cause: "oom", evidence: `${counter} in ${boot.oom.file}` };
  }
  return { cause: "killed", evidence: "it said no goodbye, and the kernel tells no reason" };
}

function lineWith(text: string, pattern: RegExp): string | undefined {
  return text
    .split("\n")
    .findLast((line) => pattern.test(line))
    ?.trim()
    .slice(0, 200);
}

function lastSign({ startedAtMs, stages }: Boot, { lastSignAtMs = 0 }: ExitFacts): number {
  return Math.max(startedAtMs, lastSignAtMs, ...stages.map(({ atMs }) => atMs));
}

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "less than a minute ago";
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

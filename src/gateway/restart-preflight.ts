import type { Lanes } from "../turn/lanes.ts";

/** What a restart would interrupt. Running turns get a moment to end; the rest is repeated or marked afterwards. */
export function restartPreflight(lanes: Pick<Lanes<never>, "running" | "size">) {
  const [running, total] = [lanes.running(), lanes.size()];
  const safe = total === 0;
  return {
    safe,
    counts: {
      queueSize: total - running,
      pendingReplies: total,
      embeddedRuns: running,
      cronRuns: 0,
      backgroundExecSessions: 0,
      rootRequests: 0,
      activeTasks: 0,
      totalActive: total,
    },
    blockers: safe ? [] : [{ kind: "turns", count: total }],
    summary: safe
      ? "nothing is going on"
      : `${running} turns run and ${total - running} wait; they are put back for after the restart`,
  };
}

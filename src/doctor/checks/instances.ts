import { readEnv } from "../../platform/env.ts";
import { readGatewayCommand, shownCommand } from "../../platform/gateway-command.ts";
import { mayBeLocked, readLockOwner } from "../../platform/lock.ts";
import { resolvePaths } from "../../platform/paths.ts";
import { ownProcesses, type RunningProcess } from "../../platform/processes.ts";
import { defineCheck } from "../check.ts";

/** The lock keeps a second one of ours from starting. What it does not keep away: another implementation, a lock file somebody removed. */
export default defineCheck({
  id: "instances",
  summary: "one gateway on this state folder",
  where: "outside",
  inspect({ paths }) {
    const holder = mayBeLocked(paths.lockFile) ? readLockOwner(paths.pidFile)?.pid : undefined;
    // The one that holds the lock may not have said yet who it is.
    if (holder === undefined && mayBeLocked(paths.lockFile)) return [];
    const running = ownProcesses();
    const known = withAncestors(holder, running);
    const others = running.filter(
      (each) => !known.has(each.pid) && each.pid !== process.pid && stateDirOf(each) === paths.stateDir,
    );
    if (others.length === 0) return [];
    const pids = others.map(({ pid }) => pid);
    return [
      {
        id: "second-gateway",
        severity: "error",
        evidence: others.map(
          ({ pid, argv }) =>
            `pid ${pid} runs on ${paths.stateDir} and does not hold its lock: ${shownCommand(argv)}`,
        ),
        fix: `kill ${pids.join(" ")}`,
      },
    ];
  },
});

/** Launchers wait for the process they have started. */
function withAncestors(pid: number | undefined, running: readonly RunningProcess[]): Set<number> {
  const known = new Set<number>();
  for (
    let at = pid;
    at !== undefined && !known.has(at);
    at = running.find((each) => each.pid === at)?.parentPid
  )
    known.add(at);
  return known;
}

function stateDirOf({ argv, env }: RunningProcess): string | undefined {
  const command = readGatewayCommand(argv);
  if (!command) return undefined;
  try {
    return resolvePaths(readEnv(env), command).stateDir;
  } catch {
    return undefined;
  }
}

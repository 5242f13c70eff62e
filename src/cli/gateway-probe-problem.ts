import type { LocalProcess } from "./gateway-probe-machine.ts";
import type { Problem } from "./status-payload.ts";
import type { Target } from "./target.ts";
import type { Trouble } from "./trouble.ts";
import { troubleFault } from "./trouble-fault.ts";

/** Why there is no connection. A process that is there and says nothing is another matter than none. */
export function probeProblem(
  trouble: Trouble,
  target: Target,
  process: LocalProcess,
  command: string,
): Problem {
  const { message: what, why, fix } = troubleFault(trouble, target, "check", command);
  const known = target.local ? withProcess(trouble, target, process) : undefined;
  return { what, why, fix, ...known };
}

function withProcess(
  { kind }: Trouble,
  { host, port }: Target,
  { pid, paused, found }: LocalProcess,
): { why: string; fix: string } | undefined {
  if (found.kind === "none" || pid === undefined || (kind !== "timeout" && kind !== "refused"))
    return undefined;
  const who = `process ${pid}`;
  if (found.port !== undefined && found.port !== port) {
    const there = `${who} has this state folder, and listens on ${found.port}`;
    return { why: `${there}; this was asked of ${host}:${port}`, fix: "openclaw status" };
  }
  if (paused)
    return {
      why: `${who} is there and answers nothing: a signal has stopped it (SIGSTOP, or Ctrl-Z)`,
      fix: `kill -CONT ${pid}`,
    };
  return kind === "refused"
    ? {
        why: `connect ECONNREFUSED ${host}:${port} — ${who} is there and does not listen yet, or no more`,
        fix: "openclaw health --wait 30s",
      }
    : {
        why: `${who} is there and answers nothing: it is stuck, or has too much to do`,
        fix: "openclaw logs --tail 50",
      };
}

import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../platform/alive.ts";
import { Fault } from "../platform/fault.ts";
import { isLocked } from "../platform/lock.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";
import type { CommandContext } from "./context.ts";
import { requireNewEnoughFor } from "./newer-config.ts";

export type Stopped = { running: false } | { running: true; pid: number; port?: number };

/** The gateway itself takes four seconds at the worst. */
const WAIT_MS = 10_000;
const POLL_MS = 50;

/** Ends the gateway of this state folder in good order. Nothing that is not surely it is ever signalled. */
export async function stopGateway(context: CommandContext): Promise<Stopped> {
  await requireNewEnoughFor("stop the gateway", context);
  const { paths } = context;
  const found = findRunningGateway(paths);
  if (found.kind === "none") return { running: false };
  if (found.kind === "unverified") {
    throw new Fault("refusing to stop what may not be this gateway", {
      why: `the state folder ${paths.stateDir} is in use, but ${found.why}`,
      fix: "openclaw gateway status",
    });
  }
  const { pid, port } = found;
  process.kill(pid, "SIGTERM");
  // Whoever started it may not have noticed yet that it is gone; the lock is the kernel's word.
  const runs = () => isAlive(pid) && isLocked(paths.lockFile);
  for (const endsAt = performance.now() + WAIT_MS; runs(); await sleep(POLL_MS)) {
    if (performance.now() > endsAt) throw doesNotStop(pid);
  }
  return { running: true, pid, ...(port !== undefined && { port }) };
}

function doesNotStop(pid: number): Fault {
  return new Fault(`the gateway (pid ${pid}) did not stop within ${WAIT_MS / 1_000}s`, {
    why: "it was asked to with SIGTERM; what it has accepted is on disk and survives its end by force",
    fix: `kill -9 ${pid}`,
  });
}

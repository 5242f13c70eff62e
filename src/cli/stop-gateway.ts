import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../platform/alive.ts";
import { Fault } from "../platform/fault.ts";
import { isLocked } from "../platform/lock.ts";
import type { Paths } from "../platform/paths.ts";
import { type FoundGateway, findRunningGateway } from "../platform/running-gateway.ts";
import type { CommandContext } from "./context.ts";
import { requireNewEnoughFor } from "./newer-config.ts";
import type { ServiceContext } from "./service-desk.ts";

export type Stopped =
  | { running: false; service?: string; disabled?: true }
  | { running: true; pid?: number; port?: number; service?: string; disabled?: true };

/** The gateway itself takes four seconds at the worst. */
const WAIT_MS = 10_000;
const POLL_MS = 50;

/**
 * Ends the gateway of this state folder in good order: by its supervisor where it is a service, which would start it
 * again otherwise. Nothing that is not surely it is ever signalled.
 */
export async function stopGateway(
  { disable }: { disable: boolean },
  context: CommandContext & ServiceContext,
): Promise<Stopped> {
  await requireNewEnoughFor("stop the gateway", context);
  const { paths } = context;
  const found = findRunningGateway(paths);
  const service = await stopService(disable, context);
  const left = service ? findRunningGateway(paths) : found;
  const stopped = await stopRunningGateway(left, paths);
  if (!service) return stopped;
  const { name, wasRunning } = service;
  const which = { service: name, ...(disable && { disabled: true as const }) };
  if (stopped.running || !wasRunning) return { ...stopped, ...which };
  const pid = found.kind === "none" ? undefined : found.pid;
  const port = found.kind === "none" ? undefined : found.port;
  return { running: true, ...(pid !== undefined && { pid }), ...(port !== undefined && { port }), ...which };
}

async function stopService(
  disable: boolean,
  context: ServiceContext,
): Promise<{ name: string; wasRunning: boolean } | undefined> {
  const { machineOf, managedService } = await import("./service-desk.ts");
  const { managerOf } = await import("../platform/service/own-service.ts");
  const service = managedService(context);
  if (!service) {
    if (disable) throw nothingToDisable();
    return undefined;
  }
  const machine = machineOf(context);
  const manager = managerOf(service);
  const { runtime } = await manager.state(service, machine);
  await manager.stop(service, machine, { disable });
  return { name: service.name, wasRunning: runtime === "running" || runtime === "starting" };
}

/** Throws a `Fault` for one that may be somebody else's, or that does not end. */
export async function stopRunningGateway(
  found: FoundGateway,
  paths: Paths,
): Promise<{ running: false } | { running: true; pid: number; port?: number }> {
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

function nothingToDisable(): Fault {
  return new Fault("there is no service of this gateway that could be disabled", {
    why: "nothing was stopped; --disable keeps an installed service from coming back",
    fix: "openclaw gateway stop",
  });
}

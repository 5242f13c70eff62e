import { setTimeout as sleep } from "node:timers/promises";
import { mainPort } from "../access/bind.ts";
import { checkConfig } from "../config/load.ts";
import { isAlive } from "../platform/alive.ts";
import { Fault } from "../platform/fault.ts";
import { isPaused } from "../platform/kernel.ts";
import { isLocked } from "../platform/lock.ts";
import { findPortHolder } from "../platform/ports.ts";
import { identifyProcess } from "../platform/process-identity.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";
import type { CommandContext } from "./context.ts";
import { requireNewEnoughFor } from "./newer-config.ts";

export interface FreeInput {
  /** Of the command line; else that of the config. */
  port: number | undefined;
  /** Said on the command line: no person has to be there. */
  yes: boolean;
  /** A person sits at the terminal. */
  interactive: boolean;
}

/** A gateway takes four seconds to stop at the worst. */
const TERM_MS = 8_000;
const KILL_MS = 2_000;
const POLL_MS = 50;
/** `node /usr/lib/node_modules/openclaw/openclaw.cjs gateway run`, `openclaw start --port 3001` */
const GATEWAY_COMMAND =
  /(?:^|[\s/\\])openclaw(?:-gateway\b|(?:\.[cm]?[jt]s|\.cmd)?\s+(?:--\S+\s+(?:\w+\s+)?)*(?:gateway|start)\b)/i;

/**
 * `gateway run --force`: ends the gateway that holds this state folder, and one that listens on the port this one is to
 * have. Nothing that is not surely a gateway is ever signalled. Throws `Fault` (1).
 */
export async function freeGateway(input: FreeInput, context: CommandContext): Promise<void> {
  await requireNewEnoughFor("start the gateway with --force", context);
  const port = input.port ?? (await configuredPort(context));
  const pids = new Set([...holderOfState(context), ...holderOfPort(port)]);
  if (pids.size === 0) return;
  if (!input.yes && !input.interactive) throw nobodyThere([...pids], port);
  for (const pid of pids) await endGateway(pid, context);
  await untilFree(port, context);
}

async function configuredPort({ paths, env }: CommandContext): Promise<number> {
  const checked = await checkConfig({ paths, env, purpose: "look" });
  // Of a broken file the start itself says what is wrong.
  return mainPort(checked.ok ? checked.loaded.config : {}, paths);
}

function holderOfState({ paths }: CommandContext): number[] {
  const found = findRunningGateway(paths);
  if (found.kind === "none") return [];
  if (found.kind === "verified") return [found.pid];
  throw new Fault("refusing to end what may not be a gateway", {
    why: `the state folder ${paths.stateDir} is in use, but ${found.why}`,
    fix: "openclaw gateway status --deep",
  });
}

function holderOfPort(port: number): number[] {
  const holder = findPortHolder(port);
  if (!holder) return [];
  if (GATEWAY_COMMAND.test(identifyProcess(holder.pid)?.command ?? "")) return [holder.pid];
  throw new Fault(`refusing to end what listens on port ${port}: it is no gateway`, {
    why: `pid ${holder.pid} holds it: ${holder.command} (${holder.address})`,
    fix: `stop that program, or choose another port: openclaw config set gateway.port ${port + 1}`,
  });
}

function nobodyThere(pids: readonly number[], port: number): Fault {
  return new Fault("Refusing to kill the operator's running gateway service from a non-interactive shell.", {
    why: `pid ${pids.join(" and ")} is a gateway that runs (port ${port}); whoever uses it would be cut off, and nobody is here to agree`,
    fix: "openclaw restart, or end it all the same: openclaw gateway run --force --yes",
  });
}

/** In good order first; what it has accepted is on disk and survives its end by force. */
export async function endGateway(pid: number, { io }: CommandContext): Promise<void> {
  const { startTicks } = identifyProcess(pid) ?? {};
  /** The id may have been handed on meanwhile. */
  const isStillIt = () => isAlive(pid) && identifyProcess(pid)?.startTicks === startTicks;
  for (const [signal, waitMs] of [
    ["SIGTERM", TERM_MS],
    ["SIGKILL", KILL_MS],
  ] as const) {
    // It would hear of it only after it was woken.
    if (signal === "SIGTERM" && isPaused(pid)) continue;
    io.note(`--force: ${signal} to the gateway that runs, pid ${pid}`);
    if (!signalled(pid, signal)) return;
    for (const endsAt = performance.now() + waitMs; performance.now() < endsAt; await sleep(POLL_MS)) {
      if (!isStillIt()) return;
    }
  }
  throw new Fault(`the gateway (pid ${pid}) does not end`, {
    why: "it was sent SIGTERM and SIGKILL; a process that waits for its disk ends when that answers",
    fix: `ps -o pid,stat,wchan:30,args -p ${pid}`,
  });
}

function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw new Fault(`the gateway (pid ${pid}) cannot be ended: ${(error as Error).message}`, {
      why: "it runs as another user",
      fix: `sudo kill ${pid}`,
      cause: error,
    });
  }
}

/** A process that is gone may still be in the kernel's tables for a moment. */
async function untilFree(port: number, { paths }: CommandContext): Promise<void> {
  const isFree = () => !isLocked(paths.lockFile) && !findPortHolder(port);
  for (const endsAt = performance.now() + KILL_MS; !isFree() && performance.now() < endsAt; )
    await sleep(POLL_MS);
}

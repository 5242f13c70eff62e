import { type Boot, readBoots } from "./boot-ledger.ts";
import { kernelBootId } from "./kernel.ts";
import { isLocked, readLockOwner } from "./lock.ts";
import { lockHolder } from "./lock-holder.ts";
import type { Paths } from "./paths.ts";
import { identifyProcess } from "./process-identity.ts";

export type FoundGateway =
  | { kind: "none" }
  /** It holds the state lock of this folder and is the process it says it is. Only such a one may be signalled. */
  | { kind: "verified"; pid: number; port?: number; boot?: Boot }
  /** Somebody holds the lock; the port is what was written down last. */
  | { kind: "unverified"; pid?: number; port?: number; why: string };

/**
 * The gateway that runs on this state folder. That one runs is the kernel's word, by the state lock. Which process it
 * is says the kernel too, or else the boot ledger or the pid file, and these are believed only together with the
 * process itself: a process id that was handed on is somebody else.
 */
export function findRunningGateway(paths: Paths, identify = identifyProcess): FoundGateway {
  if (!isLocked(paths.lockFile)) return { kind: "none" };
  const newest = readBoots(paths).at(-1);
  const open = newest?.end === undefined ? newest : undefined;
  const written = readLockOwner(paths.pidFile);
  const holder = lockHolder(paths.lockFile);
  const pid = holder ?? open?.pid ?? written?.pid;
  const known = portOf([open, written], pid);
  if (pid === undefined) return { kind: "unverified", why: "which process it is cannot be told" };

  const identity = identify(pid);
  if (!identity) return { kind: "unverified", pid, ...known, why: `process ${pid} cannot be looked at` };
  if (!/openclaw/i.test(identity.command))
    return { kind: "unverified", pid, ...known, why: `process ${pid} is another program` };

  const boot = open && isBootOf(open, pid, identity.startTicks) ? open : undefined;
  // The kernel's word needs no second one; a note that anybody could have left does.
  if (holder === undefined && !boot)
    return { kind: "unverified", pid, ...known, why: `process ${pid} is not the one that was started here` };
  return { kind: "verified", pid, ...portOf([boot, written], pid), ...(boot && { boot }) };
}

function portOf(
  notes: readonly ({ pid: number; port?: number } | undefined)[],
  pid: number | undefined,
): { port?: number } {
  const port = notes.find((note) => note?.pid === pid)?.port;
  return port === undefined ? {} : { port };
}

function isBootOf(boot: Boot, pid: number, startTicks: number | undefined): boolean {
  if (boot.pid !== pid) return false;
  if (boot.kernelBootId !== undefined && boot.kernelBootId !== kernelBootId()) return false;
  return boot.startTicks === undefined || startTicks === undefined || boot.startTicks === startTicks;
}

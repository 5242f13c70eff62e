import type { Scope } from "../../platform/scope.ts";
import type { EventLoopHealth } from "../../protocol/entities.ts";
import type { GatewayServices } from "../services.ts";

const STALL_MS = 1_000;
/** A thread that computes uses its time; one that used less than half of it did not get to run. */
const COMPUTES = 0.5;
const MAX_NAMES = 5;

export interface Stall {
  ms: number;
  /** The best that is known of why. */
  cause: string;
}

/** Pure: what a reading with a long delay most likely means. */
export function explainStall(
  { delayMaxMs, intervalMs, cpuCoreRatio }: EventLoopHealth,
  known: { blocker?: { what: string; ms: number } | undefined; pending: readonly string[] },
): Stall {
  const ms = Math.round(delayMaxMs);
  const { blocker, pending } = known;
  if (blocker && blocker.ms >= delayMaxMs * COMPUTES)
    return { ms, cause: `${blocker.what} took ${blocker.ms} ms` };
  if (cpuCoreRatio * intervalMs < delayMaxMs * COMPUTES) {
    const cause =
      "the process did not run: it was stopped, the machine slept or is overloaded, or the disk made it wait";
    return { ms, cause };
  }
  const work = pending.length === 0 ? "nothing a client waits for" : pending.slice(0, MAX_NAMES).join(", ");
  return { ms, cause: `not known; open at that time: ${work}` };
}

/** A main thread that stood still leaves a line in the log, with what was running as far as that is known. */
export function watchStalls(services: GatewayServices, scope: Scope): void {
  const { broadcast, eventLoop, sink, stability, turns } = services;
  const log = sink.log.child("event-loop");

  function open(): string[] {
    const methods = [...broadcast.connections()].flatMap(({ pending }) =>
      [...pending].map(({ method }) => `rpc ${method.slice(0, 64)}`),
    );
    const running = turns.lanes.running();
    return [...(running > 0 ? [`${running} turns`] : []), ...new Set(methods)];
  }

  eventLoop.follow((reading) => {
    const blocker = stability.takeBlocker();
    if (reading.delayMaxMs < STALL_MS || scope.signal.aborted) return;
    const { ms, cause } = explainStall(reading, { blocker, pending: open() });
    stability.ring.record("event_loop.stall", { ms, cause });
    log.warn(`event loop stalled for ${ms} ms within the last ${Math.ceil(reading.intervalMs / 1_000)} s`, {
      cause,
      fix: "openclaw gateway stability --type event_loop.stall",
    });
  });
}

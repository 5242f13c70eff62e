import type { Scope } from "../../platform/scope.ts";
import type { Stalled } from "../event-loop.ts";
import type { GatewayServices } from "../services.ts";
import type { Blocker } from "./stability.ts";
import { startStallSampler } from "./stall-sampler.ts";

/** A thread that computes uses its time; one that used less than half of it did not get to run. */
const COMPUTES = 0.5;
const MAX_NAMES = 5;
/** Stalls come in groups: after one the thread is watched from outside for so long. */
const SAMPLE_FOR_MS = 600_000;
const SAMPLE_AFTER_MS = 800;

export interface Surroundings {
  blocker: Pick<Blocker, "what" | "ms"> | undefined;
  /** What clients wait for. */
  open: readonly string[];
}

/** Pure: what a delay most likely comes from. */
export function explainStall({ ms, cpuMs }: Stalled, { blocker, open }: Surroundings): string {
  if (blocker && blocker.ms >= ms * COMPUTES) return `${blocker.what} took ${blocker.ms} ms`;
  if (cpuMs < ms * COMPUTES)
    return "the process did not run: it was stopped, the machine slept or is overloaded, or the disk made it wait";
  const work = open.length === 0 ? "nothing a client waits for" : open.slice(0, MAX_NAMES).join(", ");
  return `not known; open at that time: ${work}`;
}

/**
 * A main thread that stood still leaves a line in the log, with what was running as far as that is known; the next one
 * within ten minutes also with the functions it was in.
 */
export function watchStalls(services: GatewayServices, scope: Scope): void {
  const { broadcast, clock, eventLoop, sink, stability, turns } = services;
  const log = sink.log.child("event-loop");
  let sampling: { sampler: Disposable; end: Disposable } | undefined;

  function sampleForAWhile(): void {
    sampling?.end[Symbol.dispose]();
    const sampler = sampling?.sampler ?? startSampler();
    sampling = { sampler, end: clock.after(SAMPLE_FOR_MS, endSampling) };
  }

  function startSampler(): Disposable {
    return startStallSampler({
      clock,
      stallMs: SAMPLE_AFTER_MS,
      onSample(frames) {
        // What Node does there it does for somebody.
        const ours = frames.find((frame) => !frame.includes(" node:"));
        stability.ring.record("event_loop.stall", { stack: frames.join(" < ") });
        log.warn(`event loop stalled in ${ours ?? frames[0] ?? "native code"}`, { stack: frames });
      },
      onTrouble: (error) => log.debug("no stack samples", { error }),
    });
  }

  function endSampling(): void {
    sampling?.end[Symbol.dispose]();
    sampling?.sampler[Symbol.dispose]();
    sampling = undefined;
  }
  scope.own({ [Symbol.dispose]: endSampling });

  function open(): string[] {
    const methods = [...broadcast.connections()].flatMap(({ pending }) =>
      [...pending].map(({ method }) => `rpc ${method.slice(0, 64)}`),
    );
    const running = turns.lanes.running();
    return [...(running > 0 ? [`${running} turns`] : []), ...new Set(methods)];
  }

  eventLoop.onStall((stall) => {
    if (scope.signal.aborted) return;
    sampleForAWhile();
    const cause = explainStall(stall, { blocker: stability.blocker(stall.windowMs), open: open() });
    stability.ring.record("event_loop.stall", { ms: stall.ms, cause });
    log.warn(`event loop stalled for ${stall.ms} ms within the last ${Math.ceil(stall.windowMs / 1_000)} s`, {
      cause,
      fix: "openclaw gateway stability --type event_loop.stall",
    });
  });
}

import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { EventLoopHealth } from "../protocol/entities.ts";

/** How late the main thread runs, in windows of ten seconds. */
export interface EventLoopMonitor extends Disposable {
  /** Of the window that goes on. */
  read(): EventLoopHealth;
  /** The highest of each in the windows of the last minute, in milliseconds. */
  recent(): Quantiles;
  /** From now on told of every delay of a second and more, with the reading that shows it. */
  onStall(tell: (stall: Stalled) => void): void;
}

export type Quantiles = Readonly<Record<"0.5" | "0.9" | "0.99" | "1", number>>;

export interface Stalled {
  ms: number;
  /** The stall was somewhere in so much time, in which the process used so much CPU. */
  windowMs: number;
  cpuMs: number;
}

/** Sampling every 20 ms costs an idle process 0.5 % of a core, more than everything else it does; this costs 0.05 %. */
const RESOLUTION_MS = 200;
const DEGRADED_P99_MS = 250;
const STALL_MS = 1_000;
const WINDOW_MS = 10_000;
const RECENT_WINDOWS = 6;

export function watchEventLoop(): EventLoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let tell: ((stall: Stalled) => void) | undefined;
  let earlier: Quantiles[] = [];
  let toldMs = 0;
  let gapMs = 0;
  let gapTimer: NodeJS.Timeout | undefined;
  let beganAt = 0;
  let utilization = performance.eventLoopUtilization();
  let cpu = process.cpuUsage();

  function begin(): void {
    histogram.reset();
    [toldMs, gapMs] = [0, 0];
    beganAt = performance.now();
    utilization = performance.eventLoopUtilization();
    cpu = process.cpuUsage();
    // The histogram counts from its first sample on; the time before that is measured here.
    const due = beganAt + RESOLUTION_MS;
    gapTimer = setTimeout(() => {
      gapMs = performance.now() - due;
    }, RESOLUTION_MS).unref();
  }

  function quantiles(): Quantiles {
    const of = (percentile: number) => milliseconds(histogram.percentile(percentile));
    const max = Math.max(milliseconds(histogram.max), Math.round(gapMs * 10) / 10);
    return { "0.5": of(50), "0.9": of(90), "0.99": gapMs > STALL_MS ? max : of(99), "1": max };
  }

  function read(): EventLoopHealth {
    const found = quantiles();
    const windowMs = Math.max(1, performance.now() - beganAt);
    const { user, system } = process.cpuUsage(cpu);
    const used = performance.eventLoopUtilization(
      performance.eventLoopUtilization(),
      utilization,
    ).utilization;
    const cpuMs = (user + system) / 1_000;
    if (found["1"] >= STALL_MS && found["1"] > toldMs) {
      toldMs = found["1"];
      tell?.({ ms: Math.round(toldMs), windowMs, cpuMs });
    }
    if (windowMs >= WINDOW_MS) {
      earlier = [...earlier, found].slice(-RECENT_WINDOWS);
      begin();
    }
    const degraded = found["0.99"] > DEGRADED_P99_MS;
    return {
      degraded,
      reasons: degraded ? ["event_loop_delay"] : [],
      intervalMs: Math.round(windowMs),
      delayP99Ms: found["0.99"],
      delayMaxMs: found["1"],
      utilization: Math.round(used * 1000) / 1000,
      cpuCoreRatio: Math.round((cpuMs / windowMs) * 1000) / 1000,
    };
  }

  histogram.enable();
  begin();
  return {
    read,
    recent() {
      const now = quantiles();
      read();
      const highest = (name: keyof Quantiles) =>
        Math.max(now[name], ...earlier.map((window) => window[name]));
      return { "0.5": highest("0.5"), "0.9": highest("0.9"), "0.99": highest("0.99"), "1": highest("1") };
    },
    onStall(listener) {
      tell = listener;
    },
    [Symbol.dispose]() {
      histogram.disable();
      clearTimeout(gapTimer);
    },
  };
}

/** The histogram counts nanoseconds and includes its own sampling interval; empty it has nonsense for a maximum. */
function milliseconds(nanoseconds: number): number {
  return Math.max(0, Math.round((nanoseconds / 1e6 - RESOLUTION_MS) * 10) / 10);
}

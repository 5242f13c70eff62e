import { performance } from "node:perf_hooks";
import type { EventLoopHealth } from "../protocol/entities.ts";

/** How late the main thread runs. */
export interface EventLoopMonitor extends Disposable {
  /** Since the last reading. */
  read(): EventLoopHealth;
  /** The highest of each among the readings of the last minute, in milliseconds. */
  recent(): Quantiles;
  /** From now on told of every delay of a second and more, as soon as it is over. */
  onStall(tell: (stall: Stalled) => void): void;
}

export type Quantiles = Readonly<Record<"0.5" | "0.9" | "0.99" | "1", number>>;

export interface Stalled {
  ms: number;
  /** CPU time the process used meanwhile. */
  cpuMs: number;
}

/**
 * Five looks a second. A timer of our own, since the one of `perf_hooks` leaves the time right after each reading out,
 * which is all of it where a probe asks often.
 */
const RESOLUTION_MS = 200;
const DEGRADED_P99_MS = 250;
const STALL_MS = 1_000;
const RECENT_MS = 60_000;
/** Delays kept until the next reading: ten minutes. */
const MAX_DELAYS = 3_000;
/** Whoever asks more often than once a second sees less than a minute. */
const MAX_RECENT = 60;

export function watchEventLoop(): EventLoopMonitor {
  let last = performance.eventLoopUtilization();
  let lastCpu = process.cpuUsage();
  let lastAt = performance.now();
  let delays: number[] = [];
  let recent: { atMs: number; quantiles: Quantiles }[] = [];
  let tell: ((stall: Stalled) => void) | undefined;

  let tickedAt = performance.now();
  let tickedCpu = process.cpuUsage();
  const timer = setInterval(() => {
    const now = performance.now();
    const delayMs = now - tickedAt - RESOLUTION_MS;
    tickedAt = now;
    const { user, system } = process.cpuUsage(tickedCpu);
    tickedCpu = process.cpuUsage();
    if (delays.length < MAX_DELAYS) delays.push(delayMs);
    if (delayMs >= STALL_MS) tell?.({ ms: Math.round(delayMs), cpuMs: (user + system) / 1_000 });
  }, RESOLUTION_MS).unref();

  function read(): EventLoopHealth {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    const { user, system } = process.cpuUsage(lastCpu);
    lastCpu = process.cpuUsage();
    const intervalMs = Math.max(1, performance.now() - lastAt);
    lastAt = performance.now();
    const quantiles = quantilesOf(delays);
    delays = [];
    recent = [
      ...recent.filter(({ atMs }) => lastAt - atMs < RECENT_MS).slice(1 - MAX_RECENT),
      { atMs: lastAt, quantiles },
    ];
    const degraded = quantiles["0.99"] > DEGRADED_P99_MS;
    return {
      degraded,
      reasons: degraded ? ["event_loop_delay"] : [],
      intervalMs: Math.round(intervalMs),
      delayP99Ms: quantiles["0.99"],
      delayMaxMs: quantiles["1"],
      utilization: Math.round(utilization * 1000) / 1000,
      cpuCoreRatio: Math.round((user + system) / intervalMs) / 1000,
    };
  }

  return {
    read,
    recent() {
      read();
      const highest = (name: keyof Quantiles) => Math.max(...recent.map(({ quantiles }) => quantiles[name]));
      return { "0.5": highest("0.5"), "0.9": highest("0.9"), "0.99": highest("0.99"), "1": highest("1") };
    },
    onStall(listener) {
      tell = listener;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}

function quantilesOf(delays: readonly number[]): Quantiles {
  const sorted = [...delays].sort((a, b) => a - b);
  const at = (share: number) => {
    const delay = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    return Math.max(0, Math.round(delay * 10) / 10);
  };
  return { "0.5": at(0.5), "0.9": at(0.9), "0.99": at(0.99), "1": at(1) };
}

import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { EventLoopHealth } from "../protocol/entities.ts";

/** How late the main thread runs, since the last reading. */
export interface EventLoopMonitor extends Disposable {
  read(): EventLoopHealth;
  /** From now on told of every reading, whoever takes it: none is lost between two readers. */
  follow(onReading: (reading: EventLoopHealth) => void): void;
  /** The highest of each among the readings of the last minute, in milliseconds. */
  recent(): Quantiles;
}

export type Quantiles = Readonly<Record<"0.5" | "0.9" | "0.99" | "1", number>>;

/** Sampling every 20 ms costs an idle process 0.5 % of a core, more than everything else it does; this costs 0.05 %. */
const RESOLUTION_MS = 200;
const DEGRADED_P99_MS = 250;
const RECENT_MS = 60_000;
/** Whoever asks more often than once a second sees less than a minute. */
const MAX_RECENT = 60;

export function watchEventLoop(): EventLoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let last = performance.eventLoopUtilization();
  let lastCpu = process.cpuUsage();
  let lastAt = performance.now();
  let follower: ((reading: EventLoopHealth) => void) | undefined;
  let readings: { atMs: number; quantiles: Quantiles }[] = [];

  function quantiles(): Quantiles {
    const of = (percentile: number) => milliseconds(histogram.percentile(percentile));
    return { "0.5": of(50), "0.9": of(90), "0.99": of(99), "1": milliseconds(histogram.max) };
  }

  function read(): EventLoopHealth {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    const { user, system } = process.cpuUsage(lastCpu);
    lastCpu = process.cpuUsage();
    const intervalMs = Math.max(1, performance.now() - lastAt);
    lastAt = performance.now();
    const found = quantiles();
    const delayP99Ms = found["0.99"];
    const delayMaxMs = found["1"];
    readings = [
      ...readings.filter(({ atMs }) => lastAt - atMs < RECENT_MS),
      { atMs: lastAt, quantiles: found },
    ];
    readings = readings.slice(-MAX_RECENT);
    histogram.reset();
    const degraded = delayP99Ms > DEGRADED_P99_MS;
    const reading: EventLoopHealth = {
      degraded,
      reasons: degraded ? ["event_loop_delay"] : [],
      intervalMs: Math.round(intervalMs),
      delayP99Ms,
      delayMaxMs,
      utilization: Math.round(utilization * 1000) / 1000,
      cpuCoreRatio: Math.round((user + system) / intervalMs) / 1000,
    };
    follower?.(reading);
    return reading;
  }

  return {
    read,
    follow(onReading) {
      follower = onReading;
    },
    recent() {
      read();
      const highest = (name: keyof Quantiles) =>
        Math.max(...readings.map(({ quantiles }) => quantiles[name]));
      return { "0.5": highest("0.5"), "0.9": highest("0.9"), "0.99": highest("0.99"), "1": highest("1") };
    },
    [Symbol.dispose]() {
      histogram.disable();
    },
  };
}

/** The histogram counts nanoseconds and includes its own sampling interval. */
function milliseconds(nanoseconds: number): number {
  return Math.max(0, Math.round((nanoseconds / 1e6 - RESOLUTION_MS) * 10) / 10);
}

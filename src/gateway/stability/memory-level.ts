import type { MemoryLimit } from "../../platform/memory-limit.ts";
import type { MemoryLevel } from "./stability.ts";

export interface MemoryReading {
  rssBytes: number;
  heapUsedBytes: number;
  heapTotalBytes: number;
  /** Where V8 gives up. */
  heapLimitBytes: number;
  /** Buffers outside of the heap. */
  externalBytes: number;
}

/** What the levels are measured by. */
export interface MemoryRules {
  budgetBytes: number;
  /** May restart the gateway. */
  restart: boolean;
  /** A start that is short of memory at once gains nothing by another one. */
  minUptimeMs: number;
}

/** `diagnostics.memory` of the config. */
export interface MemorySettings {
  maxMb?: number | undefined;
  restart?: boolean | undefined;
  minUptimeMinutes?: number | undefined;
}

/** Shares of the budget, the highest first. */
const FROM: readonly (readonly [MemoryLevel, number])[] = [
  ["restarting", 0.95],
  ["refusing", 0.85],
  ["shedding", 0.75],
];
/** By so much it has to fall below a threshold to leave its level: at the edge nothing is to go back and forth. */
const BACK = 0.05;

/** A gateway that needs more than this is ill, whatever the machine has. */
const MAX_BUDGET_BYTES = 2 * 1_073_741_824;
/** The rest of a control group or machine is for others: child processes, page cache. */
const SHARE_OF_LIMIT = 0.9;
const MIN_UPTIME_MINUTES = 15;

export function memoryRules(
  { maxMb, restart = true, minUptimeMinutes = MIN_UPTIME_MINUTES }: MemorySettings,
  limit: MemoryLimit,
): MemoryRules {
  const own = Math.min(limit.bytes * SHARE_OF_LIMIT, MAX_BUDGET_BYTES);
  return {
    budgetBytes: maxMb === undefined ? Math.round(own) : maxMb * 1_048_576,
    restart,
    minUptimeMs: minUptimeMinutes * 60_000,
  };
}

/** 1 means that all that may be used is used: of the budget, or of what V8 allows. */
export function memoryUse(reading: MemoryReading, { budgetBytes }: MemoryRules): number {
  return Math.max(reading.rssBytes / budgetBytes, reading.heapUsedBytes / reading.heapLimitBytes);
}

/** Pure. `before` is the level it is at. */
export function memoryLevel(use: number, before: MemoryLevel): MemoryLevel {
  const held = FROM.findIndex(([level]) => level === before);
  const found = FROM.find(([, from], i) => use >= (held !== -1 && i >= held ? from - BACK : from));
  return found?.[0] ?? "normal";
}

export interface MemoryFacts {
  /** Sent to clients and not read yet, and whose it mostly is. */
  unreadBytes: number;
  slowest?: { client: string; conn: string; unreadBytes: number };
  turnsRunning: number;
  turnsWaiting: number;
}

/** What takes most of the memory, in words. */
export function topConsumer(reading: MemoryReading, facts: MemoryFacts): string {
  const { rssBytes, heapUsedBytes, heapTotalBytes, externalBytes } = reading;
  const { unreadBytes, slowest, turnsRunning, turnsWaiting } = facts;
  const native = Math.max(0, rssBytes - heapTotalBytes - externalBytes);
  const whose = slowest ? `, most by ${slowest.client} (${slowest.conn})` : "";
  const candidates: readonly (readonly [number, string])[] = [
    [unreadBytes, `messages that clients have not read: ${megabytes(unreadBytes)}${whose}`],
    [
      heapUsedBytes,
      `the JavaScript heap: ${megabytes(heapUsedBytes)}, with ${turnsRunning} turns running and ${turnsWaiting} waiting`,
    ],
    [externalBytes, `buffers outside of the heap: ${megabytes(externalBytes)}`],
    [native, `native memory: ${megabytes(native)} (program, SQLite, TLS, fragmentation)`],
  ];
  // Unread messages lie in the heap and in buffers; where they are most of it, they are the cause.
  if (unreadBytes > rssBytes / 4) return candidates[0]![1];
  return [...candidates].sort(([a], [b]) => b - a)[0]![1];
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}

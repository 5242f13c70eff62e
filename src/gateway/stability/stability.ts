import type { Clock } from "../../platform/clock.ts";
import type { Dropped, TurnOutcome } from "../../turn/outcome.ts";
import { type Counters, openCounters } from "../metrics/counters.ts";
import { openStabilityRing, type StabilityRing } from "./ring.ts";

/** How the memory watchdog sees this process; each level includes what the ones before it do. */
export type MemoryLevel =
  | "normal"
  /** Caches are given back, slow readers get less room. */
  | "shedding"
  /** New turns are refused. */
  | "refusing"
  /** A restart is on its way. */
  | "restarting";

export interface MemoryState {
  level: MemoryLevel;
  /** What the levels are measured by; undefined before the first look. */
  rssBytes?: number;
  budgetBytes?: number;
  /** What takes most, in words; told from `shedding` on. */
  topConsumer?: string;
}

/** What this run remembers of itself. The parts that watch it are loaded after the start. */
export interface Stability {
  ring: StabilityRing;
  counters: Counters;
  memory: MemoryState;
  /** Work that began at `sinceMs` (monotonic) and kept the main thread until now. */
  blocked(what: string, sinceMs: number): void;
  /** How a message ended. */
  turnEnded(end: TurnOutcome | Dropped): void;
  /** The longest such work that ended within the last so many milliseconds. */
  blocker(withinMs: number): Blocker | undefined;
}

export interface Blocker {
  what: string;
  ms: number;
  endedAtMs: number;
}

/** Shorter work cannot explain a stall. */
const BLOCKS_MS = 100;
/** After so long it explains nothing any more, and shorter work is remembered instead. */
const KEEP_BLOCKER_MS = 20_000;

export function openStability({ now, monotonic }: Clock): Stability {
  const ring = openStabilityRing(now);
  const counters = openCounters();
  let worst: Blocker | undefined;
  return {
    ring,
    counters,
    memory: { level: "normal" },
    blocked(what, sinceMs) {
      const endedAtMs = monotonic();
      const ms = endedAtMs - sinceMs;
      if (ms < BLOCKS_MS) return;
      if (worst && worst.ms > ms && endedAtMs - worst.endedAtMs < KEEP_BLOCKER_MS) return;
      worst = { what, ms: Math.round(ms), endedAtMs };
    },
    turnEnded(end) {
      counters.add("turns", [end.kind]);
      if (end.kind === "dropped") return ring.record("turn.dropped", { reason: end.reason });
      if (end.kind === "merged") return;
      counters.turnTook(Math.max(0, end.endedAt - end.startedAt) / 1_000);
      counters.add("model_tokens", ["input"], end.usage.input);
      counters.add("model_tokens", ["output"], end.usage.output);
      if (end.kind !== "failed") return;
      const { failure, provider, runId } = end;
      ring.record("turn.failed", { failure, provider, runId });
    },
    blocker: (withinMs) => (worst && monotonic() - worst.endedAtMs <= withinMs ? worst : undefined),
  };
}

/** New turns would make it worse. */
export function refusesTurns({ level }: MemoryState): boolean {
  return level === "refusing" || level === "restarting";
}

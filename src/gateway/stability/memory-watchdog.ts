import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { type MemoryReading, type MemoryRules, megabytes, memoryLevel, memoryUse } from "./memory-level.ts";
import type { StabilityRing } from "./ring.ts";
import type { MemoryLevel, MemoryState } from "./stability.ts";

export interface MemoryWatchdogInput {
  clock: Clock;
  log: Log;
  ring: StabilityRing;
  /** Kept up to date here; others refuse turns by it. */
  state: MemoryState;
  read(): MemoryReading;
  rules(): MemoryRules;
  topConsumer(reading: MemoryReading): string;
  /** Gives back what can be made anew. */
  shed(): void;
  /** There is room again. */
  relax(): void;
  uptimeMs(): number;
  /** Resolves when no turn is open, or after a while. */
  drained(): Promise<void>;
  /** Rejects where a start would fail now. */
  restart(why: string): Promise<void>;
}

export interface MemoryWatchdog {
  look(): void;
  /** When to look again. */
  nextMs(): number;
}

const CALM_MS = 10_000;
/** Memory can be gone within seconds; then it is watched closely. */
const TENSE_MS = 1_000;
/** A collection stops the program for a moment. */
const SHED_EVERY_MS = 30_000;
/** In a row, before it restarts: a moment of work is no leak. */
const LOOKS_BEFORE_RESTART = 3;
const AFTER_REFUSED_RESTART_MS = 300_000;

const RANK: Readonly<Record<MemoryLevel, number>> = { normal: 0, shedding: 1, refusing: 2, restarting: 3 };
const DOES: Readonly<Record<MemoryLevel, string>> = {
  normal: "",
  shedding: "caches are given back",
  refusing: "new turns are refused until there is room",
  restarting: "the gateway restarts as soon as its turns have ended",
};
const FIX = "openclaw gateway stability --type memory.pressure";

/** First caches go, then new turns are refused, then the gateway restarts; each step is told with what takes most. */
export function openMemoryWatchdog(input: MemoryWatchdogInput): MemoryWatchdog {
  const { clock, log, ring, state } = input;
  let shedAt = Number.NEGATIVE_INFINITY;
  let noRestartBefore = Number.NEGATIVE_INFINITY;
  let worst = 0;
  let held: string | undefined;
  let restarting = false;

  function look(): void {
    const rules = input.rules();
    let reading = input.read();
    let level = memoryLevel(memoryUse(reading, rules), state.level);
    if (level !== "normal" && clock.monotonic() - shedAt >= SHED_EVERY_MS) {
      shedAt = clock.monotonic();
      input.shed();
      reading = input.read();
      level = memoryLevel(memoryUse(reading, rules), state.level);
      if (level === "normal") input.relax();
    }
    worst = level === "restarting" ? worst + 1 : 0;
    state.rssBytes = reading.rssBytes;
    state.budgetBytes = rules.budgetBytes;
    enter(level === "restarting" && !mayRestart(rules) ? "refusing" : level, reading, rules);
  }

  function mayRestart({ restart, minUptimeMs }: MemoryRules): boolean {
    if (restarting) return true;
    if (worst < LOOKS_BEFORE_RESTART || clock.monotonic() < noRestartBefore) return false;
    const why = !restart
      ? "diagnostics.memory.restart is false"
      : input.uptimeMs() < minUptimeMs
        ? `the last start is less than ${minUptimeMs / 60_000} min ago, so another one would not help`
        : undefined;
    if (why !== undefined && why !== held)
      log.error(`memory is nearly used up, and there is no restart: ${why}`, { fix: FIX });
    held = why;
    return why === undefined;
  }

  function enter(level: MemoryLevel, reading: MemoryReading, rules: MemoryRules): void {
    const before = state.level;
    if (level === before) return;
    state.level = level;
    if (level === "normal") {
      delete state.topConsumer;
      held = undefined;
      input.relax();
      log.info(`memory is back to normal: ${used(reading, rules)}`);
    } else {
      state.topConsumer = input.topConsumer(reading);
      const rises = RANK[level] > RANK[before];
      const write = !rises ? log.info : level === "shedding" ? log.warn : log.error;
      write(`memory pressure: ${used(reading, rules)}; ${DOES[level]}`, {
        level,
        topConsumer: state.topConsumer,
        fix: FIX,
      });
    }
    ring.record("memory.pressure", {
      level,
      reason:
        reading.rssBytes / rules.budgetBytes >= memoryUse(reading, rules)
          ? "rss_threshold"
          : "heap_threshold",
      rssBytes: reading.rssBytes,
      heapUsedBytes: reading.heapUsedBytes,
      budgetBytes: rules.budgetBytes,
      topConsumer: state.topConsumer,
    });
    if (level === "restarting") void restart();
  }

  async function restart(): Promise<void> {
    restarting = true;
    await input.drained();
    try {
      await input.restart(`memory: ${state.topConsumer}`);
    } catch {
      // Why not is in the log already; a while later the config may have been put right.
      noRestartBefore = clock.monotonic() + AFTER_REFUSED_RESTART_MS;
      worst = 0;
      restarting = false;
    }
  }

  return { look, nextMs: () => (state.level === "normal" ? CALM_MS : TENSE_MS) };
}

function used(
  { rssBytes, heapUsedBytes, heapLimitBytes }: MemoryReading,
  { budgetBytes }: MemoryRules,
): string {
  if (heapUsedBytes / heapLimitBytes > rssBytes / budgetBytes)
    return `${megabytes(heapUsedBytes)} of ${megabytes(heapLimitBytes)} of JavaScript heap`;
  return `${megabytes(rssBytes)} of ${megabytes(budgetBytes)}`;
}

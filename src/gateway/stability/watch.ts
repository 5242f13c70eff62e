import { tmpdir } from "node:os";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { forgetWorkspaceFiles } from "../../agent/workspace.ts";
import { collectGarbage } from "../../platform/collect-garbage.ts";
import { linkLog } from "../../platform/log-link.ts";
import { ownMemoryLimit } from "../../platform/memory-limit.ts";
import type { Scope } from "../../platform/scope.ts";
import type { GatewayServices } from "../services.ts";
import { within } from "../within.ts";
import { writeBundle } from "./bundle.ts";
import { type MemoryFacts, type MemoryReading, memoryRules, topConsumer } from "./memory-level.ts";
import { openMemoryWatchdog } from "./memory-watchdog.ts";
import { watchStalls } from "./stalls.ts";

/** Set at the start of the process. */
const HEAP_LIMIT_BYTES = getHeapStatistics().heap_size_limit;
const SAMPLE_EVERY_MS = 60_000;
/** Turns that take longer are put back by the restart and go on after it. */
const DRAIN_MS = 30_000;

/** Looks after memory and the event loop, with one timer every ten seconds while all is well. */
export function startWatch(services: GatewayServices, scope: Scope): void {
  const { clock, stability } = services;
  const limit = ownMemoryLimit();
  const watchdog = openMemoryWatchdog({
    clock,
    log: services.sink.log.child("memory"),
    ring: stability.ring,
    state: stability.memory,
    read: readMemory,
    rules: () => memoryRules(services.loaded.config.diagnostics?.memory ?? {}, limit),
    topConsumer: (reading) => topConsumer(reading, memoryFacts(services)),
    shed: () => shed(services),
    relax: () => services.outflow.tighten(false),
    uptimeMs: services.lifecycle.uptimeMs,
    drained: () => within(services.turns.lanes.drained(), DRAIN_MS, clock, scope.signal),
    async restart(why) {
      await services.restart.request(why);
      writeBundle(services, { reason: "memory_restart" });
    },
  });
  watchStalls(services, scope);

  let sampledAt = Number.NEGATIVE_INFINITY;
  const link = logLink(services);
  const look = () => {
    watchdog.look();
    link();
    // A stall is told with the reading that shows it.
    services.eventLoop.read();
    if (clock.monotonic() - sampledAt >= SAMPLE_EVERY_MS) {
      sampledAt = clock.monotonic();
      sample(services);
    }
    scope.after(watchdog.nextMs(), look);
  };
  look();
}

/** For the usual state folder only: several of them would fight over one name. */
function logLink({ paths, sink }: GatewayServices): () => void {
  if (paths.profile !== "default" || paths.stateDirFrom === "environment" || process.platform === "win32")
    return () => {};
  let linked = "";
  return () => {
    const file = sink.file();
    if (file === linked) return;
    linked = file;
    try {
      linkLog(join(tmpdir(), "openclaw"), file);
    } catch (error) {
      sink.log.debug("no link to the log", { error });
    }
  };
}

export function readMemory(): MemoryReading {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    heapLimitBytes: HEAP_LIMIT_BYTES,
    externalBytes: external,
  };
}

function memoryFacts({ broadcast, turns }: GatewayServices): MemoryFacts {
  let unreadBytes = 0;
  let slowest: MemoryFacts["slowest"];
  for (const { id, displayName, unreadBytes: own } of broadcast.connections()) {
    unreadBytes += own;
    if (own > (slowest?.unreadBytes ?? 0)) slowest = { client: displayName, conn: id, unreadBytes: own };
  }
  const turnsRunning = turns.lanes.running();
  return {
    unreadBytes,
    ...(slowest && { slowest }),
    turnsRunning,
    turnsWaiting: turns.lanes.size() - turnsRunning,
  };
}

/** All of it is made anew when it is needed. */
function shed({ outflow, turns }: GatewayServices): void {
  outflow.tighten(true);
  forgetWorkspaceFiles();
  turns.store.database.shrink();
  collectGarbage();
}

function sample({ broadcast, eventLoop, outflow, stability, turns }: GatewayServices): void {
  const delays = eventLoop.recent();
  const { rssBytes, heapUsedBytes, externalBytes } = readMemory();
  stability.ring.record("memory.sample", {
    rssBytes,
    heapUsedBytes,
    externalBytes,
    delayP99Ms: delays["0.99"],
    delayMaxMs: delays["1"],
    turnsOpen: turns.lanes.size(),
    connections: broadcast.connections().size,
    unreadBytes: outflow.total(),
  });
}

import type { Scope } from "../platform/scope.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Snapshots } from "../sessions/snapshots.ts";
import type { GatewayServices } from "./services.ts";

const HEALTH_REFRESH_MS = 60_000;
const SIGN_OF_LIFE_MS = 60_000;
const TRIM_BOOTS_AFTER_MS = 5_000;
/** When the start has settled: what it loads is not part of the way to ready. */
const WATCH_AFTER_MS = 8_000;
const PRUNE_EVERY_MS = 3_600_000;
/** How often it is asked whether one is due; they are an hour apart. */
const SNAPSHOT_CHECK_MS = 300_000;
const KEEP_TURNS_MS = 7 * 24 * 3_600_000;

/** What the gateway does by itself while it runs: ticks, pings, fresh health, forgetting old turns, snapshots. */
export function startMaintenance(services: GatewayServices, scope: Scope): void {
  const { boot, broadcast, clock, env, health, paths, presence, selfCheck, sink, turns } = services;

  scope.every(LIMITS.tickIntervalMs, () => broadcast.tick(clock.now()));
  scope.every(LIMITS.pingIntervalMs, () => {
    for (const connection of broadcast.connections()) connection.ping();
  });
  scope.every(HEALTH_REFRESH_MS, () => {
    if (broadcast.connections().size === 0) return;
    broadcast.health(health.refresh(), { presence: presence.version(), health: health.version() });
  });
  selfCheck.start(scope);
  scope.every(SIGN_OF_LIFE_MS, boot.alive);
  scope.after(TRIM_BOOTS_AFTER_MS, boot.trim);
  scope.after(WATCH_AFTER_MS, async () => {
    const [{ startWatch }, { startStallWatch }] = await Promise.all([
      import("./stability/watch.ts"),
      import("./stall-watch.ts"),
    ]);
    startWatch(services, scope);
    startStallWatch(scope, {
      bootsFile: paths.bootsFile,
      bootId: boot.id,
      nodeOptions: env.get("NODE_OPTIONS"),
    });
  });
  scope.every(PRUNE_EVERY_MS, () => {
    const forgotten = turns.journal.prune(clock.now() - KEEP_TURNS_MS);
    if (forgotten > 0) sink.log.debug("old turns forgotten", { forgotten });
  });

  let snapshots: Snapshots | undefined;
  scope.every(SNAPSHOT_CHECK_MS, async () => {
    const { openSnapshots } = await import("../sessions/snapshots.ts");
    const { database } = turns.store;
    snapshots ??= openSnapshots({ paths, database, clock, log: sink.log.child("sessions"), env });
    await snapshots.round(scope.signal);
  });
}

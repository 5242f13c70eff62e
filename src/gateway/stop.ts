import type { BootEndKind } from "../platform/boot-ledger.ts";
import type { Scope } from "../platform/scope.ts";
import { CLOSE } from "../protocol/limits.ts";
import { SHUTDOWN } from "../turn/run.ts";
import type { GatewayServer } from "./server.ts";
import type { GatewayServices } from "./services.ts";
import { within } from "./within.ts";

/** Turns may end by themselves for this long; then they are put back for the next start. */
const GRACE_MS = 1_500;
const SETTLE_MS = 2_000;
const CLOSE_MS = 500;
/** They are bounded themselves; this is for one that is not. */
const CHANNELS_MS = 2_500;

/** Why everything ends; clients hear the first two. */
export type StopReason = "gateway stopping" | "gateway restarting" | "crash storm";

const END_KINDS: Readonly<Record<StopReason, BootEndKind>> = {
  "gateway stopping": "stopped",
  "gateway restarting": "restarting",
  "crash storm": "crash storm",
};

/** How long clients are told to wait before they come back. */
const RESTART_EXPECTED_MS = 1_500;

export interface StopInput {
  services: GatewayServices;
  server: GatewayServer;
  scope: Scope;
  reason: StopReason;
}

/** Bounded: about four seconds at the very worst, whatever hangs. */
export async function stopGateway({ services, server, scope, reason }: StopInput): Promise<void> {
  const { boot, broadcast, clock, lifecycle, sink, turns } = services;
  lifecycle.stopping();
  sink.log.info("stopping", { reason, openTurns: turns.lanes.size() });
  const restarts = reason === "gateway restarting";
  broadcast.shutdown(
    restarts ? { reason, restartExpectedMs: RESTART_EXPECTED_MS } : { reason: "gateway stopping" },
  );

  await within(turns.lanes.drained(), GRACE_MS, clock);
  turns.lanes.abortAll(SHUTDOWN);
  const channels = Promise.resolve(services.channels[Symbol.asyncDispose]()).catch(() => {});
  await within(turns.lanes.drained(), SETTLE_MS, clock);

  const closed = server.close();
  server.upgrader.closeAll(CLOSE.restart, "service restart");
  await within(closed, CLOSE_MS, clock);
  server.upgrader.terminateAll();
  server.dropConnections();
  await within(closed, CLOSE_MS, clock);
  await within(channels, CHANNELS_MS, clock);

  boot.ended(END_KINDS[reason]);
  sink.log.info("stopped", { uptimeMs: lifecycle.uptimeMs() });
  await scope[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
}

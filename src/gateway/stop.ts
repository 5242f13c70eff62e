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

export interface StopInput {
  services: GatewayServices;
  server: GatewayServer;
  scope: Scope;
  reason: string;
}

/** Bounded: about four seconds at the very worst, whatever hangs. */
export async function stopGateway({ services, server, scope, reason }: StopInput): Promise<void> {
  const { broadcast, clock, lifecycle, sink, turns } = services;
  lifecycle.stopping();
  sink.log.info("stopping", { reason, openTurns: turns.lanes.size() });
  broadcast.shutdown({ reason });

  await within(turns.lanes.drained(), GRACE_MS, clock);
  turns.lanes.abortAll(SHUTDOWN);
  await within(turns.lanes.drained(), SETTLE_MS, clock);

  const closed = server.close();
  server.upgrader.closeAll(CLOSE.restart, "service restart");
  await within(closed, CLOSE_MS, clock);
  server.upgrader.terminateAll();
  server.dropConnections();
  await within(closed, CLOSE_MS, clock);

  sink.log.info("stopped", { uptimeMs: lifecycle.uptimeMs() });
  await scope[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
}

import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../platform/fault.ts";
import type { GatewayConnection } from "../protocol/client.ts";
import type { CommandContext, ConnectOptions } from "./context.ts";
import { formatDuration } from "./duration.ts";
import type { Trouble } from "./trouble.ts";

const RETRY_MS = 250;
/** Trouble that passes by itself while a gateway starts; waiting for anything else would only hide it. */
const PASSING: ReadonlySet<Trouble["kind"]> = new Set(["refused", "timeout", "starting", "closed", "failed"]);

/** Tries to connect until it works. Throws `Fault` (1) when `waitMs` are over, or at once for lasting trouble. */
export async function waitForGateway(
  context: CommandContext,
  options: ConnectOptions,
  waitMs: number,
): Promise<GatewayConnection> {
  const endsAt = performance.now() + waitMs;
  for (;;) {
    const reached = await context.reach(options);
    if (reached.kind === "connected") return reached.connection;
    if (!PASSING.has(reached.trouble.kind)) return context.connect(options);
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) throw notReady(reached.trouble, waitMs, (await context.target()).url);
    await sleep(Math.min(RETRY_MS, leftMs));
  }
}

function notReady({ reason, cause }: Trouble, waitMs: number, url: string): Fault {
  return new Fault("timeout waiting for gateway: did not become ready", {
    why: `waited ${formatDuration(waitMs)} for ${url}; last answer: ${reason}`,
    fix: "openclaw logs --tail 50",
    cause,
  });
}

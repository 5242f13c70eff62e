import { setTimeout as sleep } from "node:timers/promises";
import { askReady } from "./startup-probe.ts";
import type { Target } from "./target.ts";

/** What the health check of a container needs to know. */
export interface Readiness {
  ready: boolean;
  url: string;
  port: number;
  /** Why not. */
  reason?: string;
}

const RETRY_MS = 250;

/** Asks `/readyz`, again and again until `waitMs` are over. */
export async function checkReadiness(
  { url, host, port }: Pick<Target, "url" | "host" | "port">,
  { timeoutMs, waitMs }: { timeoutMs: number; waitMs: number },
): Promise<Readiness> {
  const endsAt = performance.now() + waitMs;
  for (;;) {
    const state = await askReady({ host, port }, timeoutMs);
    if (state === "started") return { ready: true, url, port };
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) return { ready: false, url, port, reason: REASONS[state] };
    await sleep(Math.min(RETRY_MS, leftMs));
  }
}

export function readinessLine({ ready, port, reason }: Readiness): string {
  return ready
    ? `OK: gateway is ready on :${port}`
    : `FAIL: gateway health check failed — not ready (${reason} on :${port})`;
}

const REASONS = {
  starting: "it is starting or stopping",
  closed: "nothing listens",
  unknown: "no answer of a gateway",
} as const;

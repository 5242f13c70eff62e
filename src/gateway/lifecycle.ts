import type { Clock } from "../platform/clock.ts";

export type Phase = "starting" | "started" | "stopping";

/** Where the process stands; probes, handshakes and doors ask here. */
export interface Lifecycle {
  phase(): Phase;
  startedAtMs: number;
  uptimeMs(): number;
  /** For work that need not be done before the gateway is ready. */
  whenStarted: Promise<void>;
  started(): void;
  stopping(): void;
}

export function openLifecycle(clock: Clock): Lifecycle {
  let phase: Phase = "starting";
  const bornAt = clock.monotonic();
  const { promise: whenStarted, resolve: tellStarted } = Promise.withResolvers<void>();
  return {
    phase: () => phase,
    startedAtMs: clock.now(),
    uptimeMs: () => Math.round(clock.monotonic() - bornAt),
    whenStarted,
    started() {
      phase = "started";
      tellStarted();
    },
    stopping() {
      phase = "stopping";
    },
  };
}

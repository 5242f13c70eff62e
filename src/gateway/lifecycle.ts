import type { Clock } from "../platform/clock.ts";

export type Phase = "starting" | "started" | "stopping";

/** Where the process stands; probes, handshakes and doors ask here. */
export interface Lifecycle {
  phase(): Phase;
  startedAtMs: number;
  uptimeMs(): number;
  started(): void;
  stopping(): void;
}

export function openLifecycle(clock: Clock): Lifecycle {
  let phase: Phase = "starting";
  const bornAt = clock.monotonic();
  return {
    phase: () => phase,
    startedAtMs: clock.now(),
    uptimeMs: () => Math.round(clock.monotonic() - bornAt),
    started() {
      phase = "started";
    },
    stopping() {
      phase = "stopping";
    },
  };
}

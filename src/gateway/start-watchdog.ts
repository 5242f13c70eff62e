import { BOOT_STAGES } from "../platform/boot-ledger.ts";
import type { BootRecord } from "../platform/boot-record.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";

const DEFAULT_TIMEOUT_MS = 60_000;

export interface StartWatchdogInput {
  boot: BootRecord;
  clock: Clock;
  log: Log;
  timeoutMs?: number;
}

/** Says in the log where a start hangs. It ends nothing: what is slow may still arrive. */
export function watchStart({
  boot,
  clock,
  log,
  timeoutMs = DEFAULT_TIMEOUT_MS,
}: StartWatchdogInput): Disposable {
  return clock.after(timeoutMs, () => {
    const reached = boot.stage();
    const next = BOOT_STAGES[BOOT_STAGES.indexOf(reached) + 1];
    log.error(
      `gateway startup timeout — did not become ready within ${timeoutMs / 1_000}s: it is "${reached}" and hangs before "${next}"`,
    );
  });
}

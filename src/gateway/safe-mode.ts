import type { Boot } from "../platform/boot-ledger.ts";
import type { BootRecord } from "../platform/boot-record.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Scope } from "../platform/scope.ts";
import type { Journal } from "../sessions/journal.ts";

/**
 * After boots that crashed one after another: what starts work by itself, and the turns that were cut
 * off more than once, wait for `over`.
 * The control plane runs as always.
 */
export interface SafeMode {
  /** Resolves once. Whatever acts without being asked awaits it before it begins. */
  readonly over: Promise<void>;
  active(): boolean;
  /** For people and programs; undefined once it is over. */
  report(): SafeModeReport | undefined;
  /** Why new messages are not taken, if they are not. */
  refusal(): string | undefined;
  /** With the first look at what the crashes left behind. Tells the log and the ledger. */
  entered(left: { parked: number; interrupted: number }): void;
  /** From ready on: it ends by itself when nothing crashes for a while. */
  watch(scope: Scope): void;
}

export interface SafeModeReport {
  crashes: number;
  sinceMs: number;
  /** Turns that wait for its end. */
  parked: number;
  takesMessages: boolean;
  text: string;
}

export interface SafeModeInput {
  crashes: readonly Boot[];
  boot: BootRecord;
  clock: Clock;
  log: Log;
}

/** A boot that lives so long is none of the loop. */
export const CLEAN_MS = 60_000;

export function openSafeMode({ crashes, boot, clock, log }: SafeModeInput): SafeMode & {
  judge(journal: Journal): void;
} {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const sinceMs = clock.now();
  let active = true;
  let takesMessages = true;
  let parked = 0;

  function text(): string {
    const { length } = crashes;
    const messages = takesMessages ? "new messages are answered" : "new messages are refused";
    const turns =
      parked === 0 ? "no turn waits" : `${parked === 1 ? "1 turn waits" : `${parked} turns wait`}`;
    return `safe mode after ${length} crashes in a row; ${turns}, ${messages}`;
  }

  function leave(): void {
    if (!active) return;
    active = false;
    boot.leftSafeMode();
    log.info("safe mode is over: nothing has crashed since this start", { parked });
    resolve();
  }

  return {
    over,
    active: () => active,
    report: () =>
      active ? { crashes: crashes.length, sinceMs, parked, takesMessages, text: text() } : undefined,
    refusal() {
      if (!active || takesMessages) return undefined;
      return `the gateway is in safe mode: it crashed ${crashes.length} times in a row, each time with messages in work; try again in a minute`;
    },
    /**
     * One turn that kills is set aside after its third attempt, and the others are fine. Where different turns were cut
     * off and not one ended well, it is the way of a turn itself that kills.
     */
    judge(journal) {
      const { ok, cutOff } = journal.tally(crashes[0]!.startedAtMs);
      takesMessages = ok > 0 || cutOff < 2;
    },
    entered(left) {
      parked = left.parked;
      boot.enteredSafeMode(crashes.length);
      log.warn(
        `${text()}. It ends by itself after ${CLEAN_MS / 1_000} s without a crash, or with: openclaw restart`,
        {
          interrupted: left.interrupted,
        },
      );
    },
    watch: (scope) => scope.after(CLEAN_MS, leave),
  };
}

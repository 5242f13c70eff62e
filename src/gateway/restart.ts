import type { Clock } from "../platform/clock.ts";
import { Fault } from "../platform/fault.ts";
import type { Log } from "../platform/log.ts";

/** Two stop and start of this very process, asked for while it runs. */
export interface Restart {
  /** Resolves when a wish was granted and whoever asked has been answered; the owner of the process then acts. */
  readonly requested: Promise<"restart">;
  /**
   * Wishes that come together are one. Rejects with the Fault a start would end with now; then nothing is stopped.
   */
  request(why: string): Promise<void>;
}

export interface RestartInput {
  clock: Clock;
  log: Log;
  /** Throws the Fault of a start that would fail. */
  requireStartable(): Promise<void>;
  /** Told before the wish is turned down. */
  onRefused(fault: Fault): void;
}

/** Time for the answer to reach whoever asked. */
const ANSWER_MS = 50;

export function openRestart({ clock, log, requireStartable, onRefused }: RestartInput): Restart {
  const { promise: requested, resolve } = Promise.withResolvers<"restart">();
  let granted: Promise<void> | undefined;

  async function grant(why: string): Promise<void> {
    try {
      await requireStartable();
    } catch (error) {
      granted = undefined;
      const fault = error instanceof Fault ? error : new Fault(String(error), { cause: error });
      log.error(`restart refused, the gateway goes on as it is: ${fault.message}`, { fix: fault.fix });
      onRefused(fault);
      throw fault;
    }
    log.info("restart requested", { why });
    clock.after(ANSWER_MS, () => resolve("restart"));
  }

  return {
    requested,
    request(why) {
      granted ??= grant(why);
      return granted;
    },
  };
}

import type { Clock } from "../../platform/clock.ts";

/** A look at the config file that is given up when it takes long and the file has changed since. */
export interface Looks {
  /** Aborted when this look is given up; the next one begins with the next call. */
  begin(): AbortSignal;
  /** The file has changed: what is being looked at is not what it says any more. */
  outdate(): void;
}

/** Most looks are done by then; who saves again and again still sees what he has saved in between. */
const PATIENCE_MS = 500;

export function openLooks(clock: Clock): Looks {
  let controller = new AbortController();
  let beganAt = 0;
  let timer: Disposable | undefined;
  return {
    begin() {
      timer?.[Symbol.dispose]();
      controller = new AbortController();
      beganAt = clock.monotonic();
      return controller.signal;
    },
    outdate() {
      const { signal } = controller;
      timer?.[Symbol.dispose]();
      const leftMs = Math.max(0, beganAt + PATIENCE_MS - clock.monotonic());
      timer = clock.after(leftMs, () => {
        if (controller.signal === signal) controller.abort(new Error("the file has changed since"));
      });
    },
  };
}

import type { Clock } from "../platform/clock.ts";
import { ChannelFault, type Connection } from "./channel.ts";

/** How an attempt ended, and how long its connection had been proving itself. */
export interface Ending {
  fault: ChannelFault;
  provenForMs: number;
}

export interface WatchInput {
  clock: Clock;
  /** Ends the watch as well. */
  signal: AbortSignal;
  connectMs: number;
}

/** Watches one attempt: that it opens in time, and that its connection goes on proving itself. */
export interface ConnectionWatch extends Disposable {
  opened(
    connecting: Promise<Connection>,
  ): Promise<{ kind: "opened"; connection: Connection } | { kind: "ended"; ending: Ending }>;
  proven(): void;
  isProven(): boolean;
  /** Resolves when the connection has ended, stalled, or the signal aborted. */
  ended(connection: Connection): Promise<Ending>;
}

/** A timer that comes so much later than it was due: the process, or the whole machine, was asleep. */
const ASLEEP_MS = 10_000;

export function watchConnection({ clock, signal, connectMs }: WatchInput): ConnectionWatch {
  const over = Promise.withResolvers<ChannelFault>();
  let firstProofMs: number | undefined;
  let lastProofMs = clock.monotonic();
  let timer: Disposable | undefined;
  const onAbort = () => over.resolve(new ChannelFault("network", "the account is stopped"));
  signal.addEventListener("abort", onAbort, { once: true });

  function ending(fault: ChannelFault): Ending {
    return { fault, provenForMs: firstProofMs === undefined ? 0 : clock.monotonic() - firstProofMs };
  }

  /** By the age of the last proof and not by a timer per proof: a poll may prove itself many times a second. */
  function look(withinMs: number, dueMs: number): void {
    timer = clock.after(Math.max(dueMs - clock.monotonic(), 1), () => {
      const now = clock.monotonic();
      const silentMs = now - lastProofMs;
      if (silentMs < withinMs) return look(withinMs, lastProofMs + withinMs);
      const seconds = Math.round(silentMs / 1_000);
      over.resolve(
        now - dueMs > ASLEEP_MS
          ? new ChannelFault("timeout", `this machine was asleep, no update for ${seconds} s`)
          : new ChannelFault("timeout", `polling stall: no update for ${seconds} s`, {
              fix: "openclaw channels status --probe",
            }),
      );
    });
  }

  return {
    async opened(connecting) {
      timer = clock.after(connectMs, () =>
        over.resolve(new ChannelFault("timeout", `no connection within ${Math.round(connectMs / 1_000)} s`)),
      );
      let isLate = false;
      // A stuck attempt that comes through after all must not stay open.
      connecting.then(
        (late) => isLate && void late[Symbol.asyncDispose]().then(undefined, () => {}),
        () => {},
      );
      const first = await Promise.race([connecting, over.promise]);
      timer[Symbol.dispose]();
      if (!(first instanceof ChannelFault)) return { kind: "opened", connection: first };
      isLate = true;
      return { kind: "ended", ending: ending(first) };
    },
    proven() {
      lastProofMs = clock.monotonic();
      firstProofMs ??= lastProofMs;
    },
    isProven: () => firstProofMs !== undefined,
    async ended(connection) {
      lastProofMs = Math.max(lastProofMs, firstProofMs ?? clock.monotonic());
      look(connection.proofWithinMs, lastProofMs + connection.proofWithinMs);
      return ending(await Promise.race([connection.closed, over.promise]));
    },
    [Symbol.dispose]() {
      timer?.[Symbol.dispose]();
      signal.removeEventListener("abort", onAbort);
      over.resolve(new ChannelFault("network", "the watch has ended"));
    },
  };
}

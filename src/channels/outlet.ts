import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { pauseAfter } from "./backoff.ts";
import {
  type Channel,
  type ChannelAccount,
  ChannelFault,
  type ConnectInput,
  type Connection,
} from "./channel.ts";
import type { InboundMessage } from "./inbound.ts";
import { type Ending, watchConnection } from "./proof.ts";

export type OutletState = "stopped" | "connecting" | "live" | "degraded" | "parked";

/** Times are epoch milliseconds; durations are measured by the monotonic clock. */
export interface OutletStatus {
  state: OutletState;
  /** Why it is not live. */
  reason?: string;
  /** The one command that helps. */
  fix?: string;
  /** Last completed poll or heartbeat; the age of the proof that it is live. */
  lastProofAt?: number;
  lastInboundAt?: number;
  lastOutboundAt?: number;
  lastStartAt?: number;
  lastError?: string;
  /** How often the connection was lost or could not be opened. */
  reconnects: number;
  nextAttemptAt?: number;
  self?: { id: string; name: string };
}

export interface OutletInput {
  channel: Channel;
  account: ChannelAccount;
  clock: Clock;
  /** Its subsystem is the channel's id. */
  log: Log;
  /** In [0, 1); spreads the attempts. */
  random(): number;
  receive(message: InboundMessage): Promise<void>;
  recall(key: string): string | undefined;
  remember(key: string, value: string): void;
  commands?: ConnectInput["commands"];
  /** Another state, reason or connection. Must not throw. */
  onChange(): void;
}

/** One account of one platform, kept connected. */
export interface Outlet extends AsyncDisposable {
  readonly channel: Channel;
  readonly account: ChannelAccount;
  status(): OutletStatus;
  /** Undefined while there is none. */
  connection(): Connection | undefined;
  noteOutbound(): void;
  /** Resolves when the first attempt has come to an end, well or not. */
  readonly tried: Promise<void>;
}

/** A platform that has not said who we are by then will not. */
const CONNECT_MS = 30_000;
/** A connection that lived for so long is sound; what comes after it is a new failure. */
const SOUND_AFTER_MS = 60_000;
/** The end of a connection is waited for so long; a stuck one is left behind, its signal aborted. */
const CLOSE_MS = 2_000;

/** Starts at once and goes on until it is disposed. A failure costs this account and no other. */
export function openOutlet(input: OutletInput): Outlet {
  const { channel, account, clock, log } = input;
  const stop = new AbortController();
  const tried = Promise.withResolvers<void>();
  const status: OutletStatus = { state: "connecting", reconnects: 0, lastStartAt: clock.now() };
  let connection: Connection | undefined;
  let failures = { count: 0, sinceMs: 0 };

  function change(to: Partial<OutletStatus> & { state: OutletState }): void {
    for (const key of ["reason", "fix", "nextAttemptAt"] as const) delete status[key];
    Object.assign(status, to);
    input.onChange();
  }

  /** From the attempt to the end of the connection. */
  async function live(): Promise<Ending> {
    const attempt = new AbortController();
    const onStop = () => attempt.abort(stop.signal.reason);
    stop.signal.addEventListener("abort", onStop, { once: true });
    const watch = watchConnection({ clock, signal: attempt.signal, connectMs: CONNECT_MS });
    try {
      const opened = await watch.opened(
        channel.connect({
          account,
          clock,
          log,
          signal: attempt.signal,
          onProof() {
            if (attempt.signal.aborted) return;
            status.lastProofAt = clock.now();
            watch.proven();
            if (connection && status.state !== "live") proven();
          },
          receive: async (message) => {
            attempt.signal.throwIfAborted();
            status.lastInboundAt = clock.now();
            await input.receive(message);
          },
          recall: input.recall,
          remember: input.remember,
          ...(input.commands && { commands: input.commands }),
        }),
      );
      if (opened.kind === "ended") return opened.ending;
      connection = opened.connection;
      status.self = connection.self;
      tried.resolve();
      if (watch.isProven()) proven();
      else input.onChange();
      return await watch.ended(connection);
    } finally {
      stop.signal.removeEventListener("abort", onStop);
      const last = connection;
      connection = undefined;
      attempt.abort(new Error("the connection has ended"));
      watch[Symbol.dispose]();
      if (last) await closed(last);
    }
  }

  function proven(): void {
    log.info(`connected as ${status.self?.name ?? "unknown"}`, { account: account.accountId });
    change({ state: "live" });
  }

  async function closed(last: Connection): Promise<void> {
    const late = Promise.withResolvers<void>();
    using _timer = clock.after(CLOSE_MS, late.resolve);
    try {
      await Promise.race([last[Symbol.asyncDispose](), late.promise]);
    } catch (error) {
      log.debug("closing the connection failed", { account: account.accountId, error });
    }
  }

  function failed({ fault, provenForMs }: Ending): number | undefined {
    const now = clock.monotonic();
    if (failures.count === 0 || provenForMs >= SOUND_AFTER_MS) failures = { count: 0, sinceMs: now };
    failures.count++;
    status.reconnects++;
    status.lastError = fault.message;
    const forMs = now - failures.sinceMs;
    const pauseMs = pauseAfter(fault, { count: failures.count, forMs }, input.random());
    const details = {
      account: account.accountId,
      kind: fault.kind,
      failures: failures.count,
      ...(fault.fix !== undefined && { fix: fault.fix }),
    };
    if (pauseMs === undefined) {
      log.error(`parked: ${fault.message}`, details);
      change({ state: "parked", reason: fault.message, ...(fault.fix !== undefined && { fix: fault.fix }) });
      return undefined;
    }
    log.warn(`${fault.message}; next attempt in ${Math.ceil(pauseMs / 1_000)} s`, details);
    change({
      state: "degraded",
      reason: fault.message,
      nextAttemptAt: clock.now() + Math.round(pauseMs),
      ...(fault.fix !== undefined && { fix: fault.fix }),
    });
    return pauseMs;
  }

  async function keepConnected(): Promise<void> {
    while (!stop.signal.aborted) {
      let ending: Ending;
      try {
        ending = await live();
      } catch (error) {
        ending = { fault: faultOf(error), provenForMs: 0 };
      }
      tried.resolve();
      if (stop.signal.aborted) return;
      const pauseMs = failed(ending);
      if (pauseMs === undefined) return;
      await pause(pauseMs);
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        timer[Symbol.dispose]();
        stop.signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = clock.after(ms, end);
      stop.signal.addEventListener("abort", end, { once: true });
    });
  }

  const running = keepConnected();
  return {
    channel,
    account,
    tried: tried.promise,
    status: () => ({ ...status }),
    connection: () => connection,
    noteOutbound() {
      status.lastOutboundAt = clock.now();
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the account is stopped"));
      await running;
    },
  };
}

export function faultOf(error: unknown): ChannelFault {
  if (error instanceof ChannelFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ChannelFault("protocol", message, { cause: error });
}

import type { Clock } from "./clock.ts";

type Work = () => void | Promise<void>;

/** Owns timers, sockets and promises of one subsystem; disposing it ends all of them, last owned first. */
export interface Scope extends AsyncDisposable {
  readonly name: string;
  /** Aborted, down to the last child, before anything is disposed. */
  readonly signal: AbortSignal;
  /** Hands a thing over. In a scope that has ended it is disposed at once and this throws. */
  own<T extends Disposable | AsyncDisposable>(thing: T): T;
  /** A round that is due while the one before still runs is left out. */
  every(ms: number, fn: Work): void;
  after(ms: number, fn: Work): void;
  /** A background promise; a rejection is reported to the scope's owner, never unhandled. */
  spawn(what: string, task: (signal: AbortSignal) => Promise<void>): void;
  /** Ends with this scope at the latest; its errors go to the same owner. */
  child(name: string): Scope;
}

export interface ScopeOptions {
  clock: Clock;
  /** `where` is the scope and what went on in it, e.g. "gateway/cron: timer". Must not throw. */
  onError(error: unknown, where: string): void;
  /** When it aborts, the scope is disposed. */
  parentSignal?: AbortSignal;
}

/** A part that does not end within this time is reported and left behind. */
const END_MS = 5_000;

export function openScope(name: string, options: ScopeOptions): Scope {
  const { parentSignal } = options;
  const end = () => void scope[Symbol.asyncDispose]();
  const scope = makeScope(name, options, () => parentSignal?.removeEventListener("abort", end));
  parentSignal?.addEventListener("abort", end, { once: true });
  if (parentSignal?.aborted) end();
  return scope;
}

function makeScope(
  name: string,
  { clock, onError }: Pick<ScopeOptions, "clock" | "onError">,
  onEnded: () => void,
  upper?: AbortSignal,
): Scope {
  const controller = new AbortController();
  const { signal } = controller;
  const owned = new Set<() => unknown>();
  let ended: Promise<void> | undefined;
  const onUpperAbort = () => controller.abort(upper?.reason);
  upper?.addEventListener("abort", onUpperAbort, { once: true });

  /** Cancelled work that says so is what ending looks like from inside, not an error. */
  function report(error: unknown, what: string): void {
    const isCancel = error === signal.reason || (error as Error | undefined)?.name === "AbortError";
    if (!(signal.aborted && isCancel)) onError(error, `${name}: ${what}`);
  }

  async function guarded(what: string, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      report(error, what);
    }
  }

  function keep(dispose: () => unknown): () => void {
    signal.throwIfAborted();
    owned.add(dispose);
    return () => void owned.delete(dispose);
  }

  /** Work that takes time counts as owned until it has settled, so that the end waits for it. */
  function run(what: string, work: Work): Promise<void> | undefined {
    try {
      const result = work();
      if (!(result instanceof Promise)) return undefined;
      const settled = guarded(what, () => result).finally(() => owned.delete(wait));
      const wait = () => settled;
      owned.add(wait);
      return settled;
    } catch (error) {
      report(error, what);
      return undefined;
    }
  }

  async function end(): Promise<void> {
    upper?.removeEventListener("abort", onUpperAbort);
    for (const dispose of [...owned].reverse()) await guarded("end", () => within(clock, END_MS, dispose));
    owned.clear();
    onEnded();
  }

  return {
    name,
    signal,
    own(thing) {
      const dispose = () => disposeOf(thing);
      if (signal.aborted) void guarded("end", dispose);
      keep(dispose);
      return thing;
    },
    every(ms, fn) {
      signal.throwIfAborted();
      let running: Promise<void> | undefined;
      const timer = clock.every(ms, () => {
        if (running || signal.aborted) return;
        running = run("timer", fn);
        void running?.then(() => {
          running = undefined;
        });
      });
      keep(() => timer[Symbol.dispose]());
    },
    after(ms, fn) {
      signal.throwIfAborted();
      const timer = clock.after(ms, () => {
        release();
        if (!signal.aborted) run("timer", fn);
      });
      const release = keep(() => timer[Symbol.dispose]());
    },
    spawn(what, task) {
      signal.throwIfAborted();
      run(what, () => task(signal));
    },
    child(childName) {
      const child = makeScope(`${name}/${childName}`, { clock, onError }, () => release(), signal);
      const release = keep(() => child[Symbol.asyncDispose]());
      return child;
    },
    [Symbol.asyncDispose]() {
      // A listener of the signal may dispose this scope again; it gets the same promise.
      ended ??= Promise.resolve().then(end);
      controller.abort(new Error(`${name} has ended`));
      return ended;
    },
  };
}

function disposeOf(thing: Disposable | AsyncDisposable): unknown {
  return Symbol.asyncDispose in thing ? thing[Symbol.asyncDispose]() : thing[Symbol.dispose]();
}

/** The clock's timers do not hold the process; while something is being ended it has to stay. */
async function within(clock: Clock, ms: number, work: () => unknown): Promise<void> {
  const result = work();
  if (!(result instanceof Promise)) return;
  const hold = setInterval(() => {}, 60_000);
  const late = Promise.withResolvers<never>();
  using _timer = clock.after(ms, () => late.reject(new Error(`did not end within ${ms} ms`)));
  await Promise.race([result, late.promise]).finally(() => clearInterval(hold));
}

export type SupervisedState = "running" | "restarting" | "parked" | "stopped";

export interface SuperviseOptions extends Pick<ScopeOptions, "clock" | "onError"> {
  /** Failures within `perMs` that are still answered by a restart. Default 5. */
  max?: number;
  /** Default 60 s. */
  perMs?: number;
  /** Pause before the restart after the n-th failure within `perMs`, from 1. Default doubles from 250 ms. */
  backoffMs?: (attempt: number) => number;
  onParked(reason: unknown): void;
}

/**
 * Runs `body` in a scope. It fails when `body`, a task or a timer of its scope throws; then the scope is
 * disposed and `body` starts again in a new one. More than `max` failures within `perMs` park it for good.
 * A `body` that returns has set things up; its scope stays open. Every failure is also told to `onError`.
 */
export function supervise(
  name: string,
  body: (scope: Scope) => Promise<void>,
  options: SuperviseOptions,
): AsyncDisposable & { state(): SupervisedState } {
  const {
    clock,
    onError,
    max = 5,
    perMs = 60_000,
    backoffMs = (n) => 250 * 2 ** (n - 1),
    onParked,
  } = options;
  let state: SupervisedState = "running";
  let failedAtMs: number[] = [];
  let pause: Disposable | undefined;
  let scope = start();

  function start(): Scope {
    state = "running";
    const opened: Scope = openScope(name, {
      clock,
      onError(error, where) {
        onError(error, where);
        if (state === "running" && !opened.signal.aborted) void restart(opened, error);
      },
    });
    opened.spawn("body", () => body(opened));
    return opened;
  }

  async function restart(failed: Scope, reason: unknown): Promise<void> {
    state = "restarting";
    const now = clock.monotonic();
    failedAtMs = [...failedAtMs.filter((at) => now - at < perMs), now];
    await failed[Symbol.asyncDispose]();
    if (state !== "restarting") return;
    if (failedAtMs.length > max) {
      state = "parked";
      onParked(reason);
      return;
    }
    pause = clock.after(backoffMs(failedAtMs.length), () => {
      scope = start();
    });
  }

  return {
    state: () => state,
    async [Symbol.asyncDispose]() {
      state = "stopped";
      pause?.[Symbol.dispose]();
      await scope[Symbol.asyncDispose]();
    },
  };
}

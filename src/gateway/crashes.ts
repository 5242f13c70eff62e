import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";

/** More stray errors than this within the window mean that something is broken for good. */
const MAX_ERRORS = 10;
const WINDOW_MS = 60_000;

export interface CrashContainment extends Disposable {
  /** Resolves when errors come too often: the process should stop in good order and let a supervisor decide. */
  storm: Promise<"storm">;
  /** The newest stray error. */
  last(): unknown;
}

export interface CrashInput {
  log: Log;
  clock: Clock;
  onStray?(error: unknown): void;
}

/**
 * The last line: an error nobody caught is a defect of one part, so it is logged with its stack and the rest of the
 * gateway goes on. Turns are safe either way, they are on disk.
 */
export function containCrashes({ log, clock, onStray: tell }: CrashInput): CrashContainment {
  const { promise: storm, resolve } = Promise.withResolvers<"storm">();
  let recent: number[] = [];
  let last: unknown;

  function onStray(error: unknown, origin: string): void {
    const now = clock.monotonic();
    recent = [...recent.filter((at) => now - at < WINDOW_MS), now];
    last = error;
    tell?.(error);
    log.error(`panic: ${origin}`, { error, recent: recent.length });
    if (recent.length > MAX_ERRORS) resolve("storm");
  }
  const onException = (error: unknown) => onStray(error, "uncaught exception");
  const onRejection = (error: unknown) => onStray(error, "unhandled rejection");
  process.on("uncaughtException", onException);
  process.on("unhandledRejection", onRejection);

  return {
    storm,
    last: () => last,
    [Symbol.dispose]() {
      process.off("uncaughtException", onException);
      process.off("unhandledRejection", onRejection);
    },
  };
}

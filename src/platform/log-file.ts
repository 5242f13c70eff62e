import { closeSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { type LogFolder, logFileName, openCurrent, prune } from "./log-rotation.ts";

export interface LogFileOptions extends LogFolder {
  clock: Clock;
  /** Once per streak of failures; the caller of `write` never sees them. */
  onTrouble(error: Error): void;
  /** The line that tells how many were dropped while the disk refused. */
  lostLine(count: number): string;
}

export interface LogFile extends AsyncDisposable {
  /** Never throws, never waits for the disk. */
  write(line: string): void;
  /** Synchronous, for the lines that must survive what comes next. */
  flush(): void;
  /** Where the next line goes. */
  path(): string;
}

const FLUSH_MS = 200;
const FLUSH_CHARS = 4_096;
const RETRY_MS = 1_000;
/** Lines waiting for a disk that refuses; beyond it they are dropped and counted. */
const MAX_WAITING_CHARS = 1_048_576;

/**
 * Appends lines in batches. The writes are synchronous: into the page cache they take microseconds, their order is
 * certain, and after a flush nothing is still on its way when the process ends. A new file begins at midnight and
 * at `maxFileBytes`. Written here because the usual stream for this job retries a synchronous flush on a full disk for ever.
 */
export function openLogFile(options: LogFileOptions): LogFile {
  const { dir, clock, maxFileBytes } = options;
  let waiting = "";
  let lost = 0;
  let fd: number | undefined;
  let fileName = "";
  let fileBytes = 0;
  let nextDayMs = 0;
  let failing = false;
  let timer: Disposable | undefined;

  function fail(error: unknown): void {
    if (!failing) options.onTrouble(error as Error);
    failing = true;
    schedule();
  }

  function recover(): void {
    failing = false;
    if (lost === 0) return;
    waiting += options.lostLine(lost);
    lost = 0;
    schedule();
  }

  function schedule(): void {
    timer ??= clock.after(failing ? RETRY_MS : FLUSH_MS, drain);
  }

  function isDue(): boolean {
    return fd === undefined || clock.now() >= nextDayMs || fileBytes >= maxFileBytes;
  }

  /** Opens the file that is due; what waits belongs to the one before. */
  function turnOver(): void {
    if (fd !== undefined) {
      flushTo(fd);
      closeSync(fd);
      fd = undefined;
    }
    const opened = openCurrent(options, clock.now());
    ({ fd, fileName, fileBytes, nextDayMs } = opened);
    prune(options, opened.fileName);
  }

  function flushTo(target: number): void {
    while (waiting) {
      const bytes = Buffer.from(waiting);
      waiting = "";
      let written = 0;
      try {
        written = writeSync(target, bytes);
        fileBytes += written;
      } finally {
        waiting = bytes.toString("utf8", written) + waiting;
      }
    }
  }

  function drain(): void {
    timer?.[Symbol.dispose]();
    timer = undefined;
    flush();
  }

  function writeOut(): void {
    try {
      if (isDue()) turnOver();
      flushTo(fd!);
      recover();
    } catch (error) {
      fail(error);
    }
  }

  /** Without a line to write no file is begun. */
  function flush(): void {
    if (waiting) writeOut();
  }

  writeOut();

  return {
    write(line) {
      if (waiting.length + line.length > MAX_WAITING_CHARS) {
        lost++;
        return;
      }
      if (fd !== undefined && isDue()) writeOut();
      waiting += line;
      if (waiting.length >= FLUSH_CHARS && !failing) drain();
      else schedule();
    },
    flush,
    path: () => join(dir, fileName || logFileName(options.prefix, clock.now(), 0)),
    async [Symbol.asyncDispose]() {
      flush();
      timer?.[Symbol.dispose]();
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

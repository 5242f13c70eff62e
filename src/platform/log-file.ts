import {
  close,
  closeSync,
  fchmodSync,
  fstatSync,
  openSync,
  readdirSync,
  rmSync,
  write as writeAsync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock.ts";

export interface LogFileOptions {
  dir: string;
  /** File names are `<prefix>-YYYY-MM-DD[.n].log`, local date. */
  prefix: string;
  clock: Clock;
  maxFileBytes: number;
  keepFiles: number;
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
/** A disk that hangs may hold up the end of the process for so long. */
const CLOSE_MS = 1_000;
/** Lines waiting for a disk that refuses; beyond it they are dropped and counted. */
const MAX_WAITING_CHARS = 1_048_576;

/**
 * Appends lines in batches off the main thread. A new file begins at midnight and at `maxFileBytes`.
 * Written here because the usual stream for this job retries a synchronous flush on a full disk for ever.
 */
export function openLogFile(options: LogFileOptions): LogFile {
  const { dir, clock, maxFileBytes } = options;
  let waiting = "";
  let lost = 0;
  let fd: number | undefined;
  let fileName = "";
  let fileBytes = 0;
  let nextDayMs = 0;
  let inFlight: Promise<void> | undefined;
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
      release(fd);
      fd = undefined;
    }
    const opened = openNext(options);
    ({ fd, fileName, fileBytes, nextDayMs } = opened);
    prune(options, opened.fileName);
  }

  function release(old: number): void {
    if (inFlight) void inFlight.then(() => close(old));
    else closeSync(old);
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
    if (!waiting || inFlight) return;
    try {
      if (isDue()) turnOver();
    } catch (error) {
      fail(error);
      return;
    }
    const bytes = Buffer.from(waiting);
    waiting = "";
    inFlight = new Promise((resolve) => {
      writeAsync(fd!, bytes, 0, bytes.length, null, (error, written) => {
        inFlight = undefined;
        fileBytes += written ?? 0;
        waiting = bytes.toString("utf8", written ?? 0) + waiting;
        if (error) fail(error);
        else recover();
        if (waiting) schedule();
        resolve();
      });
    });
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
    path: () => join(dir, fileName || nameOf(options.prefix, clock.now(), 0)),
    async [Symbol.asyncDispose]() {
      flush();
      timer?.[Symbol.dispose]();
      if (inFlight)
        await Promise.race([inFlight, new Promise<void>((resolve) => clock.after(CLOSE_MS, resolve))]);
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

interface OpenedFile {
  fd: number;
  fileName: string;
  fileBytes: number;
  /** Epoch ms of the next local midnight. */
  nextDayMs: number;
}

/** Goes on with today's last file while it has room, also after a restart. */
function openNext({ dir, prefix, clock, maxFileBytes }: LogFileOptions): OpenedFile {
  const now = clock.now();
  const midnight = new Date(now);
  midnight.setHours(24, 0, 0, 0);
  const today = nameOf(prefix, now, 0).slice(0, -".log".length);
  const last = logFiles(dir, prefix).findLast(({ name }) => name.startsWith(today));
  for (let index = last?.index ?? 0; ; index++) {
    const fileName = nameOf(prefix, now, index);
    const fd = openSync(join(dir, fileName), "a", 0o600);
    fchmodSync(fd, 0o600);
    const fileBytes = fstatSync(fd).size;
    if (fileBytes < maxFileBytes) return { fd, fileName, fileBytes, nextDayMs: midnight.getTime() };
    closeSync(fd);
  }
}

function prune({ dir, prefix, keepFiles }: LogFileOptions, current: string): void {
  const names = logFiles(dir, prefix).map(({ name }) => name);
  const old = names.filter((name) => name !== current).slice(0, Math.max(names.length - keepFiles, 0));
  for (const name of old) rmSync(join(dir, name), { force: true });
}

/** Oldest first. */
function logFiles(dir: string, prefix: string): { name: string; day: string; index: number }[] {
  return readdirSync(dir)
    .filter((name) => name.startsWith(`${prefix}-`))
    .map((name) => ({
      name,
      parts: /^(\d{4}-\d\d-\d\d)(?:\.(\d{1,6}))?\.log$/.exec(name.slice(prefix.length + 1)),
    }))
    .filter(({ parts }) => parts !== null)
    .map(({ name, parts }) => ({ name, day: parts![1]!, index: Number(parts![2] ?? 0) }))
    .sort((a, b) => a.day.localeCompare(b.day) || a.index - b.index);
}

function nameOf(prefix: string, now: number, index: number): string {
  const date = new Date(now);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) =>
    String(n).padStart(2, "0"),
  );
  return `${prefix}-${day.join("-")}${index ? `.${index}` : ""}.log`;
}

import type { Clock } from "./clock.ts";
import { consoleLine } from "./log-console.ts";
import { openLogFile } from "./log-file.ts";
import { createLineFormat, type LogLevel, type LogRecord } from "./log-line.ts";
import { createRedaction } from "./redaction.ts";

export type { LogLevel };

type Write = (message: string, fields?: Record<string, unknown>) => void;

/** Never throws and never waits, whatever the disk does and whatever is handed in. */
export interface Log {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
  /** The same sink under another subsystem name, e.g. "sessions". */
  child(subsystem: string): Log;
}

/** Encodes at the sink: secrets hidden, control characters escaped, long texts cut, one event on one line. */
export interface LogSink extends AsyncDisposable {
  /** Subsystem "gateway". */
  log: Log;
  /** Absolute path of the file the next line goes to. */
  file(): string;
  /** From now on this value shows as `***`; values under 6 characters are ignored. */
  addSecret(value: string): void;
  /** For every line from now on, whoever writes it. */
  setLevel(level: LogLevel): void;
  /** Written since the start, by level. */
  lines(): Readonly<Record<LogLevel, number>>;
  /** A copy as a log line would have it: without secrets, bounded, plain JSON. */
  redacted(fields: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** Synchronous: everything logged so far is handed to the operating system. */
  flush(): void;
}

export interface LogOptions {
  /** Must exist; see `ensureStateDirs`. */
  dir: string;
  level: LogLevel;
  /** `write` gets one line without its line feed. */
  console?: { write(line: string): void; color: boolean };
  clock: Clock;
  /** Default 5 MB. */
  maxFileBytes?: number;
  /** Default 14. */
  keepFiles?: number;
  /** Of all files together; default 24 MB, and room for four files where they are larger. */
  maxTotalBytes?: number;
  /** Default "gateway". */
  filePrefix?: string;
}

const MAX_FILE_BYTES = 5_000_000;
/** With the stability bundles, what is kept for diagnosis stays within 32 MB. */
const MAX_TOTAL_BYTES = 24_000_000;

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** JSON lines in `<dir>/gateway-YYYY-MM-DD[.n].log` (0600) and readable lines on the console. */
export function openLog(options: LogOptions): LogSink {
  const { clock, console } = options;
  let { level: lowest } = options;
  const redaction = createRedaction();
  const format = createLineFormat(() => clock.now());
  const maxFileBytes = options.maxFileBytes ?? MAX_FILE_BYTES;
  const file = openLogFile({
    dir: options.dir,
    prefix: options.filePrefix ?? "gateway",
    clock,
    maxFileBytes,
    maxTotalBytes: options.maxTotalBytes ?? Math.max(MAX_TOTAL_BYTES, 4 * maxFileBytes),
    keepFiles: options.keepFiles ?? 14,
    onTrouble: (error) => show(logRecord("warn", "log", `cannot write the log file: ${error.message}`)),
    lostLine: (count) => format(logRecord("warn", "log", `${count} lines were lost while the disk refused`)),
  });
  const written: Record<LogLevel, number> = { debug: 0, info: 0, warn: 0, error: 0 };
  const onExit = () => file.flush();
  process.on("exit", onExit);

  function show(record: LogRecord): void {
    console?.write(consoleLine(record, clock.now(), console.color));
  }

  function logRecord(level: LogLevel, subsystem: string, message: string, fields = {}): LogRecord {
    return {
      level,
      subsystem,
      message: redaction.text(message),
      fields: redaction.fields(fields),
    };
  }

  function subsystemLog(subsystem: string): Log {
    const at =
      (level: LogLevel): Write =>
      (message, fields) => {
        if (RANK[level] < RANK[lowest]) return;
        written[level]++;
        const record = logRecord(level, subsystem, message, fields);
        file.write(format(record));
        if (level === "error") file.flush();
        show(record);
      };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: subsystemLog,
    };
  }

  return {
    log: subsystemLog("gateway"),
    file: file.path,
    addSecret: redaction.addSecret,
    setLevel(level) {
      lowest = level;
    },
    lines: () => written,
    redacted: redaction.fields,
    flush: file.flush,
    async [Symbol.asyncDispose]() {
      process.off("exit", onExit);
      await file[Symbol.asyncDispose]();
    },
  };
}

/** Swallows everything. */
export function nullLog(): Log {
  const nothing = () => {};
  const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log };
  return log;
}

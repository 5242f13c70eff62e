import { printableJson } from "./printable.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogRecord {
  level: LogLevel;
  subsystem: string;
  message: string;
  /** Already redacted. */
  fields: Readonly<Record<string, unknown>>;
}

/** Names that existing readers of the file rely on; a field of the same name gets a trailing underscore. */
const RESERVED = new Set(["time", "level", "subsystem", "message", "_meta"]);

/** One line of JSON with a line feed at its end: time, level, subsystem, message, fields, _meta.logLevelName. */
export function createLineFormat(now: () => number): (record: LogRecord) => string {
  return ({ level, subsystem, message, fields }) => {
    const line: Record<string, unknown> = { time: new Date(now()).toISOString(), level, subsystem, message };
    for (const [key, value] of Object.entries(fields)) line[RESERVED.has(key) ? `${key}_` : key] = value;
    line._meta = { logLevelName: level.toUpperCase() };
    return printableJson(`${JSON.stringify(line)}\n`);
  };
}

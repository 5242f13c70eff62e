import { pino } from "pino";
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

/** One line of JSON with a line feed at its end: level, _meta.logLevelName, time, subsystem, fields, message. */
export function createLineFormat(now: () => number): (record: LogRecord) => string {
  let line = "";
  const logger = pino(
    {
      base: null,
      level: "debug",
      messageKey: "message",
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (level) => ({ level, _meta: { logLevelName: level.toUpperCase() } }) },
    },
    {
      write(text) {
        line = text;
      },
    },
  );

  return ({ level, subsystem, message, fields }) => {
    const merged: Record<string, unknown> = { subsystem };
    for (const [key, value] of Object.entries(fields)) merged[RESERVED.has(key) ? `${key}_` : key] = value;
    logger[level](merged, message);
    return printableJson(line);
  };
}

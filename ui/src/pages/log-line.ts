import { isRecord } from "../../../src/protocol/frames.ts";

export const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogLine {
  /** Unique in one page view. */
  id: number;
  time: string;
  level: Level;
  area: string;
  text: string;
  /** What else the line says, as JSON. */
  fields: string;
}

const FRAME = new Set(["time", "level", "msg", "message", "name", "subsystem", "_meta", "pid", "hostname"]);

/** A line of the file; what is no JSON is shown as it is. */
export function parseLogLine(raw: string, id: number): LogLine {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    value = undefined;
  }
  if (!isRecord(value)) return { id, time: "", level: "info", area: "", text: raw, fields: "" };
  const rest = Object.entries(value).filter(([name]) => !FRAME.has(name));
  return {
    id,
    time: timeOf(value.time),
    level: levelOf(isRecord(value._meta) ? value._meta.logLevelName : value.level),
    area: String(value.subsystem ?? value.name ?? ""),
    text: String(value.message ?? value.msg ?? ""),
    fields: rest.length > 0 ? JSON.stringify(Object.fromEntries(rest)) : "",
  };
}

function timeOf(value: unknown): string {
  const at = new Date(typeof value === "number" ? value : String(value ?? ""));
  return Number.isNaN(at.getTime()) ? "" : at.toLocaleTimeString([], { hour12: false });
}

function levelOf(value: unknown): Level {
  if (typeof value === "number")
    return value >= 50 ? "error" : value >= 40 ? "warn" : value >= 30 ? "info" : "debug";
  const name = String(value ?? "info").toLowerCase();
  if (name === "fatal") return "error";
  return LEVELS.find((level) => name.startsWith(level)) ?? "debug";
}

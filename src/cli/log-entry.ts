import { printable } from "../platform/printable.ts";
import { isRecord } from "../protocol/frames.ts";
import type { Paint } from "./io.ts";

const KNOWN = new Set(["time", "level", "subsystem", "message", "_meta"]);
const MAX_FIELD_CHARS = 200;

/** One line of the log file for people: `2026-11-20 18:15:17 info  [gateway] ready ms=63`. */
export function logEntry(line: string, paint: Paint, utc = false): string {
  const record = parse(line);
  if (!record) return printable(line);
  const { time, subsystem = "gateway", message = "" } = record;
  const level = String(record.level ?? "info");
  const fields = Object.entries(record).flatMap(([key, value]) =>
    KNOWN.has(key) ? [] : [field(key, value)],
  );
  const text = [`[${subsystem}]`, String(message), ...fields].join(" ");
  return `${paint.dim(utc ? utcTime(time) : localTime(time))} ${colored(level, printable(`${level.padEnd(5)} ${text}`), paint)}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function colored(level: string, text: string, { red, yellow, dim }: Paint): string {
  if (level === "error" || level === "fatal") return red(text);
  if (level === "warn") return yellow(text);
  return level === "debug" || level === "trace" ? dim(text) : text;
}

function field(key: string, value: unknown): string {
  const shown = isRecord(value) && typeof value.message === "string" ? value.message : value;
  const text = typeof shown === "string" && /^[\w.:/@+-]+$/.test(shown) ? shown : JSON.stringify(shown);
  return `${key}=${text.length > MAX_FIELD_CHARS ? `${text.slice(0, MAX_FIELD_CHARS)}…` : text}`;
}

function utcTime(time: unknown): string {
  const date = dateOf(time);
  return date ? `${date.toISOString().slice(0, 19).replace("T", " ")}Z` : "-".padEnd(20);
}

function localTime(time: unknown): string {
  const date = dateOf(time);
  if (!date) return "-".padEnd(19);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

function dateOf(time: unknown): Date | undefined {
  const date = new Date(typeof time === "string" || typeof time === "number" ? time : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

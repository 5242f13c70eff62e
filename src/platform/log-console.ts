import type { LogRecord } from "./log-line.ts";
import { printable } from "./printable.ts";

const MAX_FIELD_CHARS = 120;
const DIM = "\u001b[2m";
const RED = "\u001b[31m";
const YELLOW = "\u001b[33m";
const RESET = "\u001b[0m";

/** `12:00:05 [gateway] message key=value`: one physical line, local time, short fields only. */
export function consoleLine(
  { level, subsystem, message, fields }: LogRecord,
  now: number,
  color: boolean,
): string {
  const time = new Date(now).toTimeString().slice(0, 8);
  const text = printable(message) + Object.entries(fields).map(shortField).join("");
  if (!color) return `${time} [${printable(subsystem)}] ${text}`;
  const paint = level === "error" ? RED : level === "warn" ? YELLOW : "";
  return `${DIM}${time}${RESET} ${paint}[${printable(subsystem)}] ${text}${paint && RESET}`;
}

function shortField([key, value]: [string, unknown]): string {
  const shown = isError(value) ? value.message : value;
  if (typeof shown !== "string" && typeof shown !== "number" && typeof shown !== "boolean") return "";
  const text = String(shown);
  if (text.length > MAX_FIELD_CHARS) return "";
  return ` ${printable(key)}=${/^[\w.:/@+-]+$/.test(text) ? text : printable(JSON.stringify(text))}`;
}

/** Errors arrive here as plain copies. */
function isError(value: unknown): value is { message: string } {
  return typeof value === "object" && value !== null && "stack" in value && "message" in value;
}

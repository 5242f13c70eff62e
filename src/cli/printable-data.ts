import { printable } from "../platform/printable.ts";
import { isRecord } from "../protocol/frames.ts";

/**
 * What a gateway has answered, before it is printed for people: no text in it can steer a terminal. Another machine may
 * say what it likes.
 */
export function printableData<T>(data: T): T {
  return clean(data) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(clean);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, clean(each)]));
}

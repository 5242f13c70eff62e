import { type ConfigPath, isReservedKey } from "./path.ts";

/** Levels of objects and lists in one file. */
export const MAX_DEPTH = 100;

/**
 * The path of the first `__proto__`, `constructor` or `prototype` key, or undefined.
 * Every text is checked with it, so that merging and lookups further on are free to assign.
 * A value nested deeper than `MAX_DEPTH` comes back as a path of more parts than that.
 */
export function findReservedKey(value: unknown, path: ConfigPath = []): ConfigPath | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (path.length > MAX_DEPTH) return path;
  for (const [key, child] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    const here = [...path, key];
    if (isReservedKey(String(key))) return here;
    const reserved = findReservedKey(child, here);
    if (reserved) return reserved;
  }
  return undefined;
}

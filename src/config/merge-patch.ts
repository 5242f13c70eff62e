import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../protocol/frames.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { type ConfigPath, getAt } from "./path.ts";

/**
 * A JSON merge patch (RFC 7396) as edits, so that comments and layout of what it does not name stay: objects are
 * merged, null takes a key away, everything else replaces. What is like that already is no edit.
 */
export function patchEdits(current: unknown, patch: Record<string, unknown>): ConfigEdit[] {
  return editsAt(current, patch, []);
}

function editsAt(current: unknown, patch: Record<string, unknown>, path: ConfigPath): ConfigEdit[] {
  return Object.entries(patch).flatMap(([key, value]): ConfigEdit[] => {
    const here = [...path, key];
    const old = getAt(current, [key]);
    if (value === null) return old === undefined ? [] : [{ path: here, value: undefined }];
    if (isRecord(value) && isRecord(old)) return editsAt(old, value, here);
    const wanted = withoutNulls(value);
    return isDeepStrictEqual(old, wanted) ? [] : [{ path: here, value: wanted }];
  });
}

/** In a new object null says "not there"; in a list it is a value. */
function withoutNulls(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutNulls(child)]));
}

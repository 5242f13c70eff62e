import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../protocol/frames.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { type ConfigPath, getAt } from "./path.ts";
import { hideUrlCredentials, isSecretPath, REDACTED, redactConfig } from "./redact.ts";

/** What other programs print instead of a secret; as a value it can only be a copy of what they showed. */
const PLACEHOLDERS: readonly unknown[] = ["***", "[redacted]", REDACTED];

/** The path of the first placeholder in a value, or undefined. */
export function findPlaceholder(value: unknown, path: ConfigPath = []): ConfigPath | undefined {
  if (isPlaceholder(value)) return path;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, child] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    const found = findPlaceholder(child, [...path, key]);
    if (found) return found;
  }
  return undefined;
}

export type KeptSecrets = { ok: true; edits: ConfigEdit[] } | { ok: false; lost: ConfigPath };

/**
 * The edits that put stored secrets back where `incoming` has placeholders, so that what was shown redacted can be
 * written again. `lost` is a placeholder for which nothing is stored. Entries of lists belong together by their id, or
 * when everything that can be seen of them is the same: a position alone could give a secret to somebody else.
 */
export function keepStoredSecrets(incoming: unknown, stored: unknown): KeptSecrets {
  const edits: ConfigEdit[] = [];
  let lost: ConfigPath | undefined;

  function visit(value: unknown, old: unknown, path: ConfigPath): void {
    if (isPlaceholder(value)) {
      const kept = storedFor(value, old, path);
      if (kept !== undefined) edits.push({ path, value: kept });
      else lost ??= path;
    } else if (Array.isArray(value)) {
      const olds = Array.isArray(old) ? old : [];
      for (const [i, item] of value.entries())
        visit(item, counterpart(item, i, value, olds, path), [...path, i]);
    } else if (isRecord(value)) {
      for (const [key, child] of Object.entries(value)) visit(child, getAt(old, [key]), [...path, key]);
    }
  }

  visit(incoming, stored, []);
  return lost ? { ok: false, lost } : { ok: true, edits };
}

function isPlaceholder(value: unknown): boolean {
  return PLACEHOLDERS.includes(value) || (typeof value === "string" && value.includes(REDACTED));
}

function storedFor(value: unknown, old: unknown, path: ConfigPath): unknown {
  if (old === undefined || old === null || isPlaceholder(old)) return undefined;
  if (PLACEHOLDERS.includes(value)) return isSecretPath(ofList(path)) ? old : undefined;
  return typeof old === "string" && hideUrlCredentials(old) === value ? old : undefined;
}

/** The entries of a list of secrets are as secret as a single one. */
function ofList(path: ConfigPath): ConfigPath {
  return path.slice(0, path.findLastIndex((segment) => typeof segment === "string") + 1);
}

function counterpart(
  item: unknown,
  at: number,
  items: readonly unknown[],
  olds: readonly unknown[],
  path: ConfigPath,
): unknown {
  if (isRecord(item) && typeof item.id === "string") {
    const same = olds.filter((old) => getAt(old, ["id"]) === item.id);
    return same.length === 1 ? same[0] : undefined;
  }
  const shown = redactAt(item, path);
  const same = olds.filter((old) => isDeepStrictEqual(redactAt(old, path), shown));
  if (same.length === 1) return same[0];
  return items.length === olds.length && same.includes(olds[at]) ? olds[at] : undefined;
}

/** What is secret depends on the names above it; every placeholder counts as the same one. */
function redactAt(value: unknown, path: ConfigPath): unknown {
  const named = ofList(path);
  const wrapped = named.reduceRight<unknown>((inner, segment) => ({ [segment]: inner }), [value]);
  return getAt(redactConfig(wrapped), [...named, 0]);
}

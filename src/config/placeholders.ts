import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../protocol/frames.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { type ConfigPath, getAt } from "./path.ts";
import { isSecretPath, REDACTED, redactConfig, shownText } from "./redact.ts";

/** What other programs print instead of a secret; as a value it can only be a copy of what they showed. */
const PLACEHOLDERS: readonly unknown[] = ["***", "[redacted]", REDACTED];

/** As they are, or spelt with escapes. */
const SPELLINGS = /\*\*\*|\[redacted\]|__OPENCLAW|\\/;

/** False for most texts, and saves them a closer look. */
export function mayHavePlaceholders(text: string): boolean {
  return SPELLINGS.test(text);
}

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

/** An edit that puts a stored secret back. */
export interface KeptSecret extends ConfigEdit {
  /** Where it is stored. */
  from: ConfigPath;
}

export type KeptSecrets = { ok: true; edits: KeptSecret[] } | { ok: false; lost: ConfigPath };

/**
 * The edits that put stored secrets back where `incoming` has placeholders, so that what was shown redacted can be
 * written again. `lost` is a placeholder for which nothing is stored. Entries of lists belong together by their id, or
 * when everything that can be seen of them is the same: a position alone could give a secret to somebody else. `known`
 * are the secrets that were hidden at every place (`redactConfig`).
 */
export function keepStoredSecrets(
  incoming: unknown,
  stored: unknown,
  known: readonly string[] = [],
): KeptSecrets {
  const edits: KeptSecret[] = [];
  let lost: ConfigPath | undefined;

  function visit(value: unknown, old: unknown, path: ConfigPath, from: ConfigPath): void {
    if (isPlaceholder(value)) {
      const kept = storedFor(value, old, path, known);
      if (kept !== undefined) edits.push({ path, value: kept, from });
      else lost ??= path;
    } else if (Array.isArray(value)) {
      const olds = Array.isArray(old) ? old : [];
      for (const [i, item] of value.entries()) {
        const at = counterpart(item, i, value, olds, (each) => redactAt(each, path, known)) ?? olds.length;
        visit(item, olds[at], [...path, i], [...from, at]);
      }
    } else if (isRecord(value)) {
      for (const [key, child] of Object.entries(value)) {
        visit(child, getAt(old, [key]), [...path, key], [...from, key]);
      }
    }
  }

  visit(incoming, stored, [], []);
  return lost ? { ok: false, lost } : { ok: true, edits };
}

export function isPlaceholder(value: unknown): boolean {
  return PLACEHOLDERS.includes(value) || (typeof value === "string" && value.includes(REDACTED));
}

function storedFor(value: unknown, old: unknown, path: ConfigPath, known: readonly string[]): unknown {
  if (old === undefined || old === null || isPlaceholder(old)) return undefined;
  if (PLACEHOLDERS.includes(value) && isSecretPath(ofList(path))) return old;
  return typeof old === "string" && shownText(old, path, known) === value ? old : undefined;
}

/** The entries of a list of secrets are as secret as a single one. */
function ofList(path: ConfigPath): ConfigPath {
  return path.slice(0, path.findLastIndex((segment) => typeof segment === "string") + 1);
}

/** The position of the stored entry that this one was. */
function counterpart(
  item: unknown,
  at: number,
  items: readonly unknown[],
  olds: readonly unknown[],
  redact: (entry: unknown) => unknown,
): number | undefined {
  const positions = [...olds.keys()];
  if (isRecord(item) && typeof item.id === "string") {
    const same = positions.filter((i) => getAt(olds[i], ["id"]) === item.id);
    return same.length === 1 ? same[0] : undefined;
  }
  const shown = redact(item);
  const same = positions.filter((i) => isDeepStrictEqual(redact(olds[i]), shown));
  if (same.length === 1) return same[0];
  return items.length === olds.length && same.includes(at) ? at : undefined;
}

/** What is secret depends on the names above it; every placeholder counts as the same one. */
function redactAt(value: unknown, path: ConfigPath, known: readonly string[]): unknown {
  const named = ofList(path);
  const wrapped = named.reduceRight<unknown>((inner, segment) => ({ [segment]: inner }), [value]);
  return getAt(redactConfig(wrapped, known), [...named, 0]);
}

import { Fault } from "../platform/fault.ts";
import { shellWord } from "../platform/storage-fault.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { type ConfigPath, formatPath, getAt, isWithin } from "./path.ts";
import type { Source } from "./place.ts";
import { REDACTED } from "./redact.ts";
import { findReservedKey, MAX_DEPTH } from "./reserved.ts";

/** What other programs print instead of a secret; as a value it can only be a copy of what they showed. */
const PLACEHOLDERS: readonly unknown[] = ["***", "[redacted]", REDACTED];

/** Throws `Fault` (1) when an edit would store a placeholder in the place of a secret (CONF-08). */
export function refusePlaceholders(file: string, edits: readonly ConfigEdit[]): void {
  for (const { path, value } of edits) {
    const found = findPlaceholder(value, path);
    if (!found) continue;
    throw rejected(file, `redacted secret placeholder at ${formatPath(found)}`, {
      why: "The value was copied from a place that hides secrets.",
      fix: `openclaw config set ${formatPath(found)} <value>`,
    });
  }
}

/** Throws `Fault` (1) when an edit contains a key that reaches the prototype of objects (CONF-01), or has no end. */
export function refuseReservedKeys(edits: readonly ConfigEdit[]): void {
  for (const { path, value } of edits) {
    const found = findReservedKey(value);
    if (!found) continue;
    const what =
      found.length > MAX_DEPTH
        ? `${formatPath(path)}: Nested deeper than ${MAX_DEPTH} levels`
        : `${formatPath([...path, ...found])}: Reserved key`;
    throw new Fault(`Config validation failed: ${what}`, {
      why: "Nothing was written.",
      fix: "openclaw config schema",
    });
  }
}

/** Throws `Fault` (1) when the mode, without which the gateway does not start, would be lost. */
export function refuseLostMode(file: string, before: unknown, after: unknown): void {
  const path = ["gateway", "mode"];
  if (getAt(before, path) === undefined || getAt(after, path) !== undefined) return;
  throw rejected(file, "gateway-mode-missing-vs-last-good", {
    why: "Without gateway.mode the gateway does not start.",
    fix: "openclaw config set gateway.mode local",
  });
}

/** Throws `Fault` (1) when what is to be changed comes from an included file: only the main file is written. */
export function refuseIncluded(sources: readonly Source[], edits: readonly ConfigEdit[]): void {
  const [main, ...included] = sources;
  for (const { path } of edits) {
    const owner = included.find((source) => isOwnedBy(source, path, main!));
    if (!owner) continue;
    throw rejected(main!.file, `${formatPath(path)} is in the included file ${owner.file}`, {
      why: "Commands write to the main file only; edit the included one by hand.",
      fix: `"\${EDITOR:-vi}" ${shellWord(owner.file)}`,
    });
  }
}

function isOwnedBy(source: Source, path: ConfigPath, main: Source): boolean {
  if (isWithin(source.mount, path)) return true;
  if (!isWithin(path, source.mount)) return false;
  const inner = path.slice(source.mount.length);
  // Lists of several files are joined: a position in the result is not one in the main file.
  if (inner.some((_, i) => Array.isArray(getAt(source.value, inner.slice(0, i))))) return true;
  return getAt(source.value, inner) !== undefined && getAt(main.value, path) === undefined;
}

function findPlaceholder(value: unknown, path: ConfigPath): ConfigPath | undefined {
  if (PLACEHOLDERS.includes(value)) return path;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, child] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    const found = findPlaceholder(child, [...path, key]);
    if (found) return found;
  }
  return undefined;
}

function rejected(file: string, reason: string, options: { why: string; fix: string }): Fault {
  return new Fault(`Config write rejected: ${file} (${reason}).`, options);
}

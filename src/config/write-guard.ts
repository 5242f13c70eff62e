import { shellWord } from "../platform/storage-fault.ts";
import { keepCopy } from "./kept-copy.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { type ConfigPath, formatPath, getAt, isWithin } from "./path.ts";
import type { Source } from "./place.ts";
import { findPlaceholder } from "./placeholders.ts";
import { findReservedKey, MAX_DEPTH } from "./reserved.ts";
import { ConfigWriteError } from "./write-error.ts";

/** What a write may not take away unless its caller says so. */
export type WriteGuard = "missing-meta" | "gateway-mode-missing" | "size-drop";

export const ALL_GUARDS: readonly WriteGuard[] = ["missing-meta", "gateway-mode-missing", "size-drop"];

/** A text and what it says, includes followed. */
export interface Read {
  text: string;
  value: unknown;
}

/** The reason to refuse `after` beside what was there or was good, in the words people search for; or undefined. */
export function lossReason(
  before: readonly Read[],
  after: Read,
  guards: readonly WriteGuard[],
): string | undefined {
  const lost = (path: ConfigPath) =>
    getAt(after.value, path) === undefined && before.some(({ value }) => getAt(value, path) !== undefined);
  if (guards.includes("missing-meta") && lost(["meta"])) return "missing-meta-vs-last-good";
  if (guards.includes("gateway-mode-missing") && lost(["gateway", "mode"])) {
    return "gateway-mode-missing-vs-last-good";
  }
  const was = Math.max(0, ...before.map(({ text }) => Buffer.byteLength(text)));
  const is = Buffer.byteLength(after.text);
  if (guards.includes("size-drop") && is < was / 2) return `size-drop-vs-last-good:${was}->${is}`;
  return undefined;
}

/** People can look at the refused text where it is saved, and write it all the same. */
export function rejectText(
  file: string,
  reason: string,
  payload: { text: string; atMs: number } | undefined,
): ConfigWriteError {
  const saved = payload && keepCopy(file, "rejected", payload.text, payload.atMs);
  const lostMode = reason.startsWith("gateway-mode");
  const anyway = saved ? `openclaw config apply --force ${shellWord(saved)}` : "openclaw config diff";
  return new ConfigWriteError(
    "rejected",
    `Config write rejected: ${file} (${reason}).${saved ? ` Rejected payload saved to ${saved}.` : ""}`,
    {
      why: lostMode
        ? "Without gateway.mode the gateway does not start."
        : `${reason.startsWith("size") ? "Most of the config" : "The meta section"} would be gone. Nothing was written; if it is meant:`,
      fix: lostMode ? "openclaw config set gateway.mode local" : anyway,
    },
  );
}

/** Throws `ConfigWriteError` when an edit would store a placeholder in the place of a secret (CONF-08). */
export function refusePlaceholders(file: string, edits: readonly ConfigEdit[]): void {
  for (const { path, value } of edits) {
    const found = findPlaceholder(value, path);
    if (found) throw placeholderError(file, found);
  }
}

/** Nothing is saved: the text is a copy of what somebody was shown. */
export function placeholderError(file: string, path: ConfigPath): ConfigWriteError {
  return rejected(file, `redacted secret placeholder at ${formatPath(path)}`, {
    why: "The value was copied from a place that hides secrets.",
    fix: `openclaw config set ${shellWord(formatPath(path))} <value>`,
  });
}

/** Throws `Fault` (1) when an edit contains a key that reaches the prototype of objects (CONF-01), or has no end. */
export function refuseReservedKeys(edits: readonly ConfigEdit[]): void {
  for (const { path, value } of edits) {
    const found = findReservedKey(value);
    if (!found) continue;
    const where = formatPath(found.length > MAX_DEPTH ? path : [...path, ...found]);
    const message = found.length > MAX_DEPTH ? `Nested deeper than ${MAX_DEPTH} levels` : "Reserved key";
    throw new ConfigWriteError("invalid", `Config validation failed: ${where}: ${message}`, {
      issues: [{ path: where, message }],
      why: "Nothing was written.",
      fix: "openclaw config schema",
    });
  }
}

/** Throws `ConfigWriteError` when what is to be changed comes from an included file: only the main file is written. */
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

function rejected(file: string, reason: string, options: { why: string; fix: string }): ConfigWriteError {
  return new ConfigWriteError("rejected", `Config write rejected: ${file} (${reason}).`, options);
}

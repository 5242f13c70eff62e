import { shellWord } from "../platform/storage-fault.ts";
import { keepCopy } from "./kept-copy.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { type ConfigPath, formatPath, getAt } from "./path.ts";
import type { Source } from "./place.ts";
import { findPlaceholder } from "./placeholders.ts";
import { findReservedKey, MAX_DEPTH } from "./reserved.ts";
import { ConfigWriteError } from "./write-error.ts";

/** What a write may not take away unless its caller says so. */
export type WriteGuard = "missing-meta" | "gateway-mode-missing" | "size-drop";

export const ALL_GUARDS: readonly WriteGuard[] = ["missing-meta", "gateway-mode-missing", "size-drop"];

/** A text of the main file and what it says; with the included files, where they are known, their size counts too. */
export interface Read {
  text: string;
  value: unknown;
  sources?: readonly { text: string }[];
}

/**
 * The reason to refuse `after` beside what was there or was good, in the words people search for; or undefined. Size
 * is that of the main file, and that of all files together.
 */
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
  if (!guards.includes("size-drop")) return undefined;
  for (const size of [mainBytes, allBytes]) {
    const was = Math.max(0, ...before.map(size));
    const is = size(after);
    if (is < was / 2) return `size-drop-vs-last-good:${was}->${is}`;
  }
  return undefined;
}

function mainBytes({ text }: Read): number {
  return Buffer.byteLength(text);
}

function allBytes({ text, sources = [{ text }] }: Read): number {
  return sources.reduce((sum, source) => sum + Buffer.byteLength(source.text), 0);
}

/** What a refused write wanted to be in a file. */
export interface RefusedText {
  file: string;
  text: string;
}

/** People can look at the refused texts where they are saved, and write them all the same. */
export function rejectTexts(
  file: string,
  reason: string,
  refused: readonly RefusedText[],
  atMs: number,
): ConfigWriteError {
  const saved = refused.map((each) => keepCopy(each.file, "rejected", each.text, atMs));
  const lostMode = reason.startsWith("gateway-mode");
  const [only] = refused.length === 1 && refused[0]!.file === file ? saved : [];
  const anyway =
    only === undefined ? "openclaw config diff" : `openclaw config apply --force ${shellWord(only)}`;
  const what = reason.startsWith("size") ? "Most of the config" : "The meta section";
  return new ConfigWriteError(
    "rejected",
    `Config write rejected: ${file} (${reason}).${saved.length > 0 ? ` Rejected payload saved to ${saved.join(", ")}.` : ""}`,
    {
      why: lostMode
        ? "Without gateway.mode the gateway does not start."
        : `${what} would be gone. Nothing was written; if it is meant${only === undefined ? ", say --force" : ":"}`,
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

/** For a value of one of several files that are joined at one place. */
export function joinedError(file: string, path: ConfigPath, owner: Source): ConfigWriteError {
  return rejected(file, `${formatPath(path)} is in the included file ${owner.file}`, {
    why: "It is one of several that are put together there, and a command cannot tell which one is meant.",
    fix: `"\${EDITOR:-vi}" ${shellWord(owner.file)}`,
  });
}

/** For a value that no edit of a single file makes what it should be; `owners` are the files that have it. */
export function spreadError(file: string, path: ConfigPath, owners: readonly Source[]): ConfigWriteError {
  const files = [...new Set(owners.map((owner) => owner.file))];
  const what =
    files.length > 1
      ? `is put together from ${files.join(" and ")}`
      : `is in the included file ${files[0] ?? file}, which counts at more than one place`;
  return rejected(file, `${formatPath(path)} ${what}`, {
    why: "No edit of one file has that effect and no other.",
    fix: `"\${EDITOR:-vi}" ${shellWord(files.at(-1) ?? file)}`,
  });
}

function rejected(file: string, reason: string, options: { why: string; fix: string }): ConfigWriteError {
  return new ConfigWriteError("rejected", `Config write rejected: ${file} (${reason}).`, options);
}

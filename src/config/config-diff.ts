import { printable } from "../platform/printable.ts";
import { InvalidConfig } from "./invalid.ts";
import { parseConfigText } from "./parse.ts";
import { hideUrlCredentials, secretsIn } from "./redact.ts";
import { unifiedDiff } from "./text-diff.ts";

const HIDDEN = "***";
/** Shorter secrets would blank out words; the line they stand on hides them by their name. */
const MIN_CHARS = 6;
/** `token: "…"`, also in comments and in text that cannot be parsed. */
const NAMED_SECRET =
  /((?:token|password|passphrase|secret|api[-_]?key|private[-_]?key|authorization|cookie)["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,"'{}[\]]+)/gi;
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]+/g;

export interface DiffOptions {
  /** Secrets that are not to be seen, besides those the two texts have by the names of their keys. */
  secrets?: readonly string[];
  /** What is more than these lines is counted. */
  maxLines?: number;
}

/**
 * What has to be done to `before` to get `after`, as unified hunks for people: without secrets, and without what
 * could steer a terminal.
 */
export async function diffConfigTexts(
  before: string,
  after: string,
  { secrets = [], maxLines = Number.POSITIVE_INFINITY }: DiffOptions = {},
): Promise<string[]> {
  const lines = unifiedDiff(before, after);
  if (lines.length === 0) return lines;
  const known = [...secrets, ...(await secretsOf(before)), ...(await secretsOf(after))]
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= MIN_CHARS);
  // The longest first: one secret may be part of another.
  const ordered = [...new Set(known)].sort((a, b) => b.length - a.length);
  const shown = lines.slice(0, maxLines).map((line) => hide(line, ordered));
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `… and ${more} lines more`] : shown;
}

function hide(line: string, secrets: readonly string[]): string {
  const known = secrets.reduce((out, secret) => out.replaceAll(secret, HIDDEN), line);
  const named = known.replace(NAMED_SECRET, (_, name: string, value: string) => name + hiddenLike(value));
  const hidden = hideUrls(named).replace(BEARER, `$1 ${HIDDEN}`);
  return hidden.split("\t").map(printable).join("\t");
}

function hiddenLike(value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? "";
  return `${quote}${HIDDEN}${quote}`;
}

function hideUrls(line: string): string {
  return line.replaceAll(/[a-z][a-z0-9+.-]{0,20}:\/\/[^/?#@\s"']+@/gi, hideUrlCredentials);
}

/** Text that cannot be parsed has secrets too; they are found by their names alone. */
async function secretsOf(text: string): Promise<string[]> {
  try {
    return secretsIn((await parseConfigText(text, "")).value);
  } catch (error) {
    if (error instanceof InvalidConfig) return [];
    throw error;
  }
}

import { printable } from "../platform/printable.ts";
import { hideSecrets, knownSpellings } from "./hide-secrets.ts";
import { InvalidConfig } from "./invalid.ts";
import { parseConfigText } from "./parse.ts";
import { secretsIn } from "./redact.ts";
import { unifiedDiff } from "./text-diff.ts";

const HIDDEN = "***";

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
  const known = knownSpellings([...secrets, ...(await secretsOf(before)), ...(await secretsOf(after))]);
  const shown = lines.slice(0, maxLines).map((line) => hide(line, known));
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `… and ${more} lines more`] : shown;
}

function hide(line: string, known: readonly string[]): string {
  return hideSecrets(line, known, HIDDEN).split("\t").map(printable).join("\t");
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

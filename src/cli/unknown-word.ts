import { nearest } from "../config/nearest.ts";
import type { CommandEntry } from "./command.ts";
import { GLOBAL_FLAGS } from "./globals.ts";
import { didYouMean, UsageError } from "./usage.ts";

/** For words that name no command: what was meant, most likely. */
export function unknownWord(
  table: readonly CommandEntry[],
  {
    kind,
    typed,
    known,
  }: { kind: "unknown-command" | "unknown-option"; typed: string; known: readonly string[] },
): UsageError {
  const shown = typed.slice(0, 80);
  if (kind === "unknown-option") {
    const flag = typed.split("=", 1)[0]!;
    return new UsageError(`unknown option ${shown}${didYouMean(nearest(flag, GLOBAL_FLAGS))}`, known);
  }
  const names = table.map(({ words }) => words.join(" "));
  const siblings = table
    .filter(({ words }) => words.length === known.length + 1)
    .map(({ words }) => words.join(" "));
  // "validate" alone is no typing error of anything, but there is one command that ends in it.
  const leaves = names.filter((name) => name.endsWith(` ${typed}`));
  const meant = nearest(typed, siblings) ?? (leaves.length === 1 ? leaves[0] : undefined);
  return new UsageError(`unknown command "${shown}"${didYouMean(meant && `"${meant}"`)}`, known);
}

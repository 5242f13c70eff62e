import { diffConfigTexts } from "./config-diff.ts";
import { textsOf } from "./included-files.ts";
import { readMergedIfPossible } from "./merged.ts";
import { secretsIn } from "./redact.ts";
import type { ConfigTexts } from "./version.ts";

/** What differs in one file, as unified hunks for people, without secrets. */
export interface FileDiff {
  /** Of an included file: from the folder of the main file. */
  path?: string;
  diff: string[];
}

/** The files that differ, the main file first. */
export async function diffFiles(
  configPath: string,
  before: ConfigTexts,
  after: ConfigTexts,
): Promise<FileDiff[]> {
  const textIn = ({ files = [] }: ConfigTexts, path: string) =>
    files.find((file) => file.path === path)?.text ?? "";
  const paths = [before, after].flatMap(({ files = [] }) => files.map(({ path }) => path));
  // What is secret depends on names that may be in another file.
  const secrets = [...(await secretsOf(configPath, before)), ...(await secretsOf(configPath, after))];
  const diffs: FileDiff[] = [{ diff: await diffConfigTexts(before.text, after.text, { secrets }) }];
  for (const path of [...new Set(paths)].sort()) {
    diffs.push({ path, diff: await diffConfigTexts(textIn(before, path), textIn(after, path), { secrets }) });
  }
  return diffs.filter(({ diff }) => diff.length > 0);
}

/** As lines, each included file below its name. */
export function diffLines(diffs: readonly FileDiff[]): string[] {
  return diffs.flatMap(({ path, diff }) => (path === undefined ? diff : [`+++ ${path}`, ...diff]));
}

async function secretsOf(configPath: string, { text, files = [] }: ConfigTexts): Promise<string[]> {
  const merged = await readMergedIfPossible(text, configPath, textsOf(configPath, files));
  return secretsIn(merged?.value);
}

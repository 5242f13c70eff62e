import { dirname, join, relative, sep } from "node:path";
import { Fault } from "../platform/fault.ts";
import { isRecord } from "../protocol/frames.ts";
import type { IncludedTexts } from "./include.ts";
import {
  INCLUDE,
  includeNames,
  includeRoot,
  MAX_INCLUDE_DEPTH,
  MAX_INCLUDED_FILES,
  resolveInclude,
} from "./include-path.ts";
import { parseConfigText } from "./parse.ts";
import { readConfigFile } from "./read-file.ts";

/** An included file as a version of the config remembers it. */
export interface IncludedFile {
  /** From the folder of the main file, with forward slashes. */
  path: string;
  text: string;
}

/**
 * Every file that the main text includes and that can be read, broken or not, by path. Where a text cannot be parsed
 * its own includes are not known. Throws nothing of its own: what is wrong is the business of who loads the config.
 */
export async function includedFiles(
  mainFile: string,
  text: string,
  texts?: IncludedTexts,
): Promise<IncludedFile[]> {
  const root = includeRoot(mainFile);
  const found = new Map<string, string>();

  async function follow(text: string, file: string, depth: number): Promise<void> {
    if (depth > MAX_INCLUDE_DEPTH || !mayInclude(text)) return;
    for (const name of namesIn(await valueIn(text, file))) {
      const path = resolveInclude(name, dirname(file), root);
      if (!path.ok || found.has(path.real) || found.size >= MAX_INCLUDED_FILES) continue;
      const content = texts?.get(path.real) ?? readIfPossible(path.real);
      if (content === undefined) continue;
      found.set(path.real, content);
      await follow(content, path.file, depth + 1);
    }
  }

  await follow(text, mainFile, 0);
  return [...found]
    .map(([real, text]) => ({ path: relative(root, real).split(sep).join("/"), text }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The texts of a version by real path, as `followIncludes` takes them. */
export function textsOf(mainFile: string, files: readonly IncludedFile[]): IncludedTexts {
  const root = includeRoot(mainFile);
  return new Map(files.map(({ path, text }) => [join(root, path), text]));
}

/** Saves most configs the work: the key is there as it is, or spelt with an escape. */
function mayInclude(text: string): boolean {
  return text.includes(INCLUDE) || text.includes("\\");
}

async function valueIn(text: string, file: string): Promise<unknown> {
  try {
    return (await parseConfigText(text, file)).value;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === INCLUDE ? (includeNames(child) ?? []) : namesIn(child),
  );
}

function readIfPossible(path: string): string | undefined {
  try {
    return readConfigFile(path);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

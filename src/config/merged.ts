import { followIncludes, type IncludedTexts } from "./include.ts";
import { InvalidConfig } from "./invalid.ts";
import { parseConfigText } from "./parse.ts";
import type { Source } from "./place.ts";

/** A text of the main file and what it says, includes followed. */
export interface Merged {
  text: string;
  value: unknown;
  sources: readonly Source[];
  /** Of the included files, by real path. */
  included: IncludedTexts;
}

/**
 * Reads what a text of the main file says together with its includes; `texts` count instead of what is on the disk. A
 * text whose includes cannot be followed is read without them, so that it can be repaired. Throws `InvalidConfig` (78).
 */
export async function readMerged(text: string, file: string, texts?: IncludedTexts): Promise<Merged> {
  const { value } = await parseConfigText(text, file);
  const main: Source = { file, text, value, mount: [] };
  try {
    const { value: merged, sources } = await followIncludes(main, { texts });
    const included = new Map(sources.flatMap(({ real, text }) => (real === undefined ? [] : [[real, text]])));
    return { text, value: merged, sources, included };
  } catch (error) {
    if (error instanceof InvalidConfig) return { text, value, sources: [main], included: new Map() };
    throw error;
  }
}

/** Undefined for what is not there or cannot be read as a config. */
export async function readMergedIfPossible(
  text: string | undefined,
  file: string,
  texts?: IncludedTexts,
): Promise<Merged | undefined> {
  if (text === undefined) return undefined;
  try {
    return await readMerged(text, file, texts);
  } catch (error) {
    if (error instanceof InvalidConfig) return undefined;
    throw error;
  }
}

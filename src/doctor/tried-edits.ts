import { type EditedFiles, editFiles } from "../config/edit-files.ts";
import type { ConfigEdit } from "../config/legacy-write.ts";
import { readMergedIfPossible } from "../config/merged.ts";
import { Fault } from "../platform/fault.ts";

/**
 * What the main file and its includes would be with these edits, each made in the file its value comes from. Undefined
 * where no file can be edited to that effect.
 */
export async function triedEdits(
  file: string,
  text: string,
  edits: readonly ConfigEdit[],
): Promise<EditedFiles | undefined> {
  const before = await readMergedIfPossible(text, file);
  if (!before) return undefined;
  try {
    return await editFiles(file, before, edits);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

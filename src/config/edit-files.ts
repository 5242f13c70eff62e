import { isDeepStrictEqual } from "node:util";
import { Fault } from "../platform/fault.ts";
import { isRecord } from "../protocol/frames.ts";
import type { IncludedEdit } from "./draft.ts";
import {
  holdersOf,
  innerOf,
  isAboutIncludes,
  isSpread,
  joinedOwner,
  nearestHolders,
  placesFor,
} from "./edit-place.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { type Merged, readMerged } from "./merged.ts";
import { type ConfigPath, getAt } from "./path.ts";
import type { Source } from "./place.ts";
import { joinedError, spreadError } from "./write-guard.ts";

export interface EditedFiles {
  /** The files as they are to be. */
  merged: Merged;
  /** Which of the included ones differ from before. */
  included: IncludedEdit[];
}

/**
 * Applies edits, in order, each in the file the value comes from. Every step is proven: what all files then say
 * together is what the edit makes of what they said before. Throws `ConfigWriteError` where no single file can be
 * edited to that effect, and `Fault` (1) where something is in the way of a path.
 */
export async function editFiles(
  file: string,
  before: Merged,
  edits: readonly ConfigEdit[],
): Promise<EditedFiles> {
  const { setInText, unsetInText } = await import("./edit.ts");
  const originals = new Map(before.included);
  let merged = before;
  for (const edit of edits) merged = await edited(merged, edit);
  const included = [...merged.included].flatMap(([real, text]) => {
    const old = originals.get(real) ?? text;
    return old === text ? [] : [{ real, before: old, text }];
  });
  return { merged, included };

  function apply(text: string, { path, value }: ConfigEdit): string {
    return value === undefined ? unsetInText(text, path) : setInText(text, path, value);
  }

  async function edited(now: Merged, edit: ConfigEdit): Promise<Merged> {
    const { sources } = now;
    if (sources.length === 1) return await written(now, sources, edit);
    const owner = joinedOwner(sources, edit);
    if (owner) throw joinedError(file, edit.path, owner);
    const choices = choicesFor(sources, edit);
    // Its effect is not a value at its path; the check of the whole result has the last word.
    if (isAboutIncludes(edit)) return await written(now, choices[0] ?? [], edit);
    const parts = inParts(now, edit);
    if (!parts) return await firstProven(now, choices, edit);
    let then = now;
    for (const part of parts) then = await edited(then, part);
    return then;
  }

  async function firstProven(now: Merged, choices: readonly Source[][], edit: ConfigEdit): Promise<Merged> {
    // What is in the way of the path is in the way in the whole: this throws the Fault that says so.
    const wanted = JSON.parse(apply(JSON.stringify(now.value), edit));
    for (const places of choices) {
      const then = await writtenIfPossible(now, places, edit);
      if (then && isDeepStrictEqual(plain(then.value), wanted)) return then;
    }
    throw spreadError(file, edit.path, nearestHolders(now.sources, edit.path));
  }

  /** A part of a joined list is not where the path says. */
  async function writtenIfPossible(
    now: Merged,
    places: readonly Source[],
    edit: ConfigEdit,
  ): Promise<Merged | undefined> {
    try {
      return await written(now, places, edit);
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
  }

  async function written(now: Merged, places: readonly Source[], edit: ConfigEdit): Promise<Merged> {
    const included = new Map(now.included);
    let { text } = now;
    for (const source of places) {
      const inner = { path: innerOf(source, edit.path), value: edit.value };
      if (source.real === undefined) text = apply(text, inner);
      else included.set(source.real, apply(included.get(source.real) ?? source.text, inner));
    }
    const then = await readMerged(text, file, included);
    // What an edit brings in is on the disk as it is.
    for (const [real, found] of then.included) if (!included.has(real)) originals.set(real, found);
    return { ...then, included: new Map([...included, ...then.included]) };
  }
}

/** The sets of files that can be edited to that effect, the best first. A value goes when no file says it any more. */
function choicesFor(sources: readonly Source[], { path, value }: ConfigEdit): Source[][] {
  if (value === undefined) {
    return [holdersOf(sources, path).filter((source) => innerOf(source, path).length > 0)];
  }
  return placesFor(sources, path).flatMap((source) => (source.joined ? [] : [[source]]));
}

/** An object that several files make up is edited key by key, so that each key stays in its file. */
function inParts({ value, sources }: Merged, { path, value: wanted }: ConfigEdit): ConfigEdit[] | undefined {
  const old = getAt(value, path);
  if (!isRecord(wanted) || !isRecord(old) || !isSpread(sources, path)) return undefined;
  const at = (key: string): ConfigPath => [...path, key];
  return [
    ...Object.keys(old).flatMap((key) =>
      Object.hasOwn(wanted, key) ? [] : [{ path: at(key), value: undefined }],
    ),
    ...Object.entries(wanted).flatMap(([key, child]) =>
      isDeepStrictEqual(plain(old[key]), plain(child)) ? [] : [{ path: at(key), value: child }],
    ),
  ];
}

/** As it comes out of a file. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

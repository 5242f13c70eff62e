import type { Issue } from "../config/invalid.ts";
import type { ConfigEdit } from "../config/legacy-write.ts";
import { checkText, type LoadInput } from "../config/load.ts";
import { getAt, parsePath } from "../config/path.ts";
import { triedEdits } from "./tried-edits.ts";

export interface InvalidInput {
  text: string;
  /** What it says, includes followed. */
  value: unknown;
  issues: readonly Issue[];
  /** What a config from before said, if there is one. */
  good: unknown;
  load: LoadInput;
}

/**
 * The edits that make a config valid again: a misspelt key gets the name that was meant, an unknown one goes, a value
 * that is not allowed becomes what it was before, or the default. Undefined where that would not help.
 */
export async function planInvalidEdits(input: InvalidInput): Promise<ConfigEdit[] | undefined> {
  const { text, issues, load } = input;
  const edits = issues.flatMap((issue) => editsFor(issue, input));
  if (edits.length === 0) return undefined;
  const tried = await triedEdits(load.paths.configPath, text, edits);
  if (!tried) return undefined;
  const included = new Map(tried.included.map((edit) => [edit.real, edit.text]));
  const result = await checkText(tried.merged.text, { ...load, purpose: "write", included });
  return result.ok || result.issues.length < issues.length ? edits : undefined;
}

function editsFor({ path: at, message }: Issue, { value, good }: InvalidInput): ConfigEdit[] {
  const path = at === "<root>" ? [] : parsePath(at);
  const [, unknown, meant] = UNKNOWN_KEY.exec(message) ?? [];
  if (unknown !== undefined) {
    const key = [...path, unknown];
    const gone = { path: key, value: undefined };
    const isFree = meant !== undefined && getAt(value, [...path, meant]) === undefined;
    return isFree ? [{ path: [...path, meant], value: getAt(value, key) }, gone] : [gone];
  }
  // What the environment lacks, or what two agents share, is not for the file to give up.
  if (!message.startsWith("Invalid ") || path.length === 0) return [];
  return [{ path, value: getAt(good, path) }];
}

/** As `section` in config/schema/field.ts writes it. */
const UNKNOWN_KEY = /^Unrecognized key: "(.+?)"(?: — did you mean "(.+)"\?)?$/;

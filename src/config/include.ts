import { dirname } from "node:path";
import { isRecord } from "../protocol/frames.ts";
import {
  INCLUDE,
  includeNames,
  includeRoot,
  isIncluding,
  MAX_INCLUDE_DEPTH,
  MAX_INCLUDED_FILES,
  realpathIfExists,
  resolveInclude,
} from "./include-path.ts";
import { InvalidConfig } from "./invalid.ts";
import { type ParsedConfig, parseConfigText } from "./parse.ts";
import type { ConfigPath } from "./path.ts";
import { placeProblems, type Source } from "./place.ts";
import { readConfigFile } from "./read-file.ts";

export interface Included {
  value: unknown;
  /** The main file first, then every included one; where two say the same key, the one that wins comes first. */
  sources: Source[];
  notices: string[];
}

/** What is to be in included files instead of what is on the disk, by real path. */
export type IncludedTexts = ReadonlyMap<string, string>;

export interface IncludeOptions {
  texts?: IncludedTexts;
  /** Whoever follows the same files again and again keeps what was parsed, by text. */
  parsed?: Map<string, ParsedConfig>;
}

/**
 * Follows `{"$include": "./file.json5"}`, or a list of files, in any object. Later files and the object's own keys
 * win; objects are merged, lists are joined. Paths are relative to the file that names them, and what they lead to,
 * symlinks resolved, has to lie in the folder of the main file. Throws `InvalidConfig` (78).
 */
export async function followIncludes(main: Source, options: IncludeOptions = {}): Promise<Included> {
  const { texts, parsed } = options;
  const sources = [main];
  let count = 0;
  const notices: string[] = [];
  const root = includeRoot(main.file);

  async function expand(node: unknown, place: Place): Promise<unknown> {
    if (Array.isArray(node)) {
      const items: unknown[] = [];
      for (const [i, item] of node.entries()) items.push(await expand(item, below(place, i)));
      return items;
    }
    if (!isRecord(node)) return node;
    const own: Record<string, unknown> = {};
    for (const [key, child] of Object.entries(node)) {
      if (key !== INCLUDE) own[key] = await expand(child, below(place, key));
    }
    if (!isIncluding(node)) return own;
    const merged = await readAll(await namesAt(node[INCLUDE], place), place);
    if (Object.keys(own).length === 0) return merged ?? own;
    if (merged !== undefined && !isRecord(merged)) {
      throw await refusal(place, "Keys beside $include need files that hold an object");
    }
    return merge(merged ?? {}, own);
  }

  async function readAll(names: readonly string[], outer: Place): Promise<unknown> {
    const place = names.length > 1 ? { ...outer, joined: true } : outer;
    const start = sources.length;
    let merged: unknown;
    for (const name of names) {
      const before = sources.splice(start);
      const content = await load(name, place);
      sources.push(...before);
      merged = merged === undefined ? content : merge(merged, content);
    }
    return merged;
  }

  async function namesAt(value: unknown, place: Place): Promise<string[]> {
    const names = includeNames(value);
    if (names) return names;
    throw await refusal(place, "Invalid type: expected a file name or a list of file names");
  }

  async function load(name: string, place: Place): Promise<unknown> {
    const found = resolveInclude(name, dirname(place.source.file), root);
    if (!found.ok) throw await refusal(place, found.problem);
    const { file, real } = found;
    if (!found.exists && !texts?.has(real)) {
      throw await refusal(place, `File not found: ${JSON.stringify(name)} (${file})`);
    }
    if (place.chain.includes(real)) throw await refusal(place, `${JSON.stringify(name)} includes itself`);
    if (place.chain.length > MAX_INCLUDE_DEPTH) {
      throw await refusal(place, `Nested deeper than ${MAX_INCLUDE_DEPTH} files`);
    }
    if (++count > MAX_INCLUDED_FILES) throw await refusal(place, `More than ${MAX_INCLUDED_FILES} files`);
    const text = texts?.get(real) ?? readConfigFile(real) ?? "";
    const content = parsed?.get(text) ?? (await parseConfigText(text, file));
    parsed?.set(text, content);
    notices.push(...content.notices);
    const source: Source = {
      file,
      text,
      value: content.value,
      mount: place.path,
      real,
      from: place.source,
      ...(place.joined && { joined: true }),
    };
    sources.push(source);
    return await expand(content.value, { ...place, source, chain: [...place.chain, real] });
  }

  async function refusal(place: Place, message: string): Promise<InvalidConfig> {
    const problem = { path: [...place.path, INCLUDE], message };
    const [issue] = await placeProblems([problem], [place.source]);
    return new InvalidConfig(place.source.file, [issue!]);
  }

  const chain = [realpathIfExists(main.file) ?? main.file];
  return {
    value: await expand(main.value, { source: main, path: [], chain, joined: false }),
    sources,
    notices,
  };
}

interface Place {
  source: Source;
  path: ConfigPath;
  /** Real paths of the files from the main one to this one. */
  chain: readonly string[];
  joined: boolean;
}

function below(place: Place, segment: string | number): Place {
  return { ...place, path: [...place.path, segment] };
}

function merge(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return [...base, ...over];
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = Object.hasOwn(merged, key) ? merge(merged[key], value) : value;
  }
  return merged;
}

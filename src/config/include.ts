import { realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { isRecord } from "../protocol/frames.ts";
import { InvalidConfig } from "./invalid.ts";
import { parseConfigText } from "./parse.ts";
import type { ConfigPath } from "./path.ts";
import { placeProblems, type Source } from "./place.ts";
import { readConfigFile } from "./read-file.ts";

const KEY = "$include";
const MAX_DEPTH = 10;
const MAX_FILES = 100;

export interface Included {
  value: unknown;
  /** The main file first, then every included one in the order in which it was read. */
  sources: Source[];
  notices: string[];
}

/**
 * Follows `{"$include": "./file.json5"}`, or a list of files, in any object. Later files and the object's own keys
 * win; objects are merged, lists are joined. Paths are relative to the file that names them, and what they lead to,
 * symlinks resolved, has to lie in the folder of the main file. Throws `InvalidConfig` (78).
 */
export async function followIncludes(main: Source): Promise<Included> {
  const sources = [main];
  const notices: string[] = [];
  const root = realpathIfExists(dirname(main.file)) ?? dirname(main.file);

  async function expand(node: unknown, place: Place): Promise<unknown> {
    if (Array.isArray(node)) {
      const items: unknown[] = [];
      for (const [i, item] of node.entries()) items.push(await expand(item, below(place, i)));
      return items;
    }
    if (!isRecord(node)) return node;
    const own: Record<string, unknown> = {};
    for (const [key, child] of Object.entries(node)) {
      if (key !== KEY) own[key] = await expand(child, below(place, key));
    }
    if (!Object.hasOwn(node, KEY)) return own;
    const names = await readNames(node[KEY], place);
    let merged: unknown;
    for (const name of names) {
      const content = await load(name, place);
      merged = merged === undefined ? content : merge(merged, content);
    }
    if (Object.keys(own).length === 0) return merged ?? own;
    if (merged !== undefined && !isRecord(merged)) {
      throw await refusal(place, "Keys beside $include need files that hold an object");
    }
    return merge(merged ?? {}, own);
  }

  async function readNames(value: unknown, place: Place): Promise<string[]> {
    const names = typeof value === "string" ? [value] : value;
    if (Array.isArray(names) && names.every((name) => typeof name === "string" && name !== "")) return names;
    throw await refusal(place, "Invalid type: expected a file name or a list of file names");
  }

  async function load(name: string, place: Place): Promise<unknown> {
    const file = resolve(dirname(place.source.file), name);
    const real = realpathIfExists(file);
    if (real === undefined) throw await refusal(place, `File not found: ${JSON.stringify(name)} (${file})`);
    if (!isInside(real, root)) throw await refusal(place, `${JSON.stringify(name)} lies outside of ${root}`);
    // A second name of some other file is the one way out of the folder that a resolved path does not show.
    const found = statSync(real);
    if (found.isFile() && found.nlink > 1) {
      throw await refusal(place, `${JSON.stringify(name)} is a hard link`);
    }
    if (place.chain.includes(real)) throw await refusal(place, `${JSON.stringify(name)} includes itself`);
    if (place.chain.length > MAX_DEPTH) throw await refusal(place, `Nested deeper than ${MAX_DEPTH} files`);
    if (sources.length > MAX_FILES) throw await refusal(place, `More than ${MAX_FILES} files`);
    const text = readConfigFile(real) ?? "";
    const parsed = await parseConfigText(text, file);
    notices.push(...parsed.notices);
    const source = { file, text, value: parsed.value, mount: place.path };
    sources.push(source);
    return await expand(parsed.value, { source, path: place.path, chain: [...place.chain, real] });
  }

  async function refusal(place: Place, message: string): Promise<InvalidConfig> {
    const problem = { path: [...place.path, KEY], message };
    const [issue] = await placeProblems([problem], [place.source]);
    return new InvalidConfig(place.source.file, [issue!]);
  }

  const chain = [realpathIfExists(main.file) ?? main.file];
  return { value: await expand(main.value, { source: main, path: [], chain }), sources, notices };
}

interface Place {
  source: Source;
  path: ConfigPath;
  /** Real paths of the files from the main one to this one. */
  chain: readonly string[];
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

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function realpathIfExists(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

import { Fault } from "../platform/fault.ts";

/** A place in the config: keys and list positions, outermost first. The root is the empty path. */
export type ConfigPath = readonly (string | number)[];

const MAX_CHARS = 1024;
const MAX_SEGMENTS = 64;
/** Names that reach the prototype of every object; they are no config keys and never looked up. */
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);
const SEGMENT = /\.?([^.[\]"'\s]+)|\[(\d{1,6})\]|\[("(?:[^"\\]|\\.)*")\]|\['([^'\\]*)'\]/y;

export function isReservedKey(key: string): boolean {
  return RESERVED.has(key);
}

/**
 * Reads `agents.list[0].model` or `models.providers["my.host"].baseUrl`.
 * Throws `Fault` (exit 2) on anything else and on reserved keys.
 */
export function parsePath(text: string): ConfigPath {
  const bad = (why: string) =>
    new Fault(`Invalid config path: ${JSON.stringify(text.slice(0, 80))}`, {
      why,
      fix: "openclaw config get gateway.port",
      exitCode: 2,
    });
  if (text === "" || text.length > MAX_CHARS) throw bad(`a path has 1 to ${MAX_CHARS} characters`);
  const path: (string | number)[] = [];
  let end = 0;
  while (end < text.length) {
    SEGMENT.lastIndex = end;
    const found = SEGMENT.exec(text);
    const dotted = found?.[1] !== undefined && text[end] === ".";
    if (!found || dotted !== (found[1] !== undefined && end > 0)) {
      throw bad(`write keys with dots and list positions in brackets; stuck at character ${end + 1}`);
    }
    const [, name, index, quoted, singleQuoted] = found;
    if (index !== undefined) path.push(Number(index));
    else path.push(name ?? singleQuoted ?? unquote(quoted!));
    end = SEGMENT.lastIndex;
  }
  if (path.length > MAX_SEGMENTS) throw bad(`a path has at most ${MAX_SEGMENTS} parts`);
  const reserved = path.find((segment) => isReservedKey(String(segment)));
  if (reserved !== undefined) throw bad(`"${reserved}" is a reserved name and cannot be a config key`);
  return path;
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}

/** The opposite of `parsePath`; the root reads `<root>`. */
export function formatPath(path: ConfigPath): string {
  let out = "";
  for (const segment of path) {
    if (typeof segment === "number") out += `[${segment}]`;
    else if (!/^[^.[\]"'\s]+$/.test(segment)) out += `[${JSON.stringify(segment)}]`;
    else out += out === "" ? segment : `.${segment}`;
  }
  return out === "" ? "<root>" : out;
}

/** The value at a path, or undefined. Looks at own properties only. */
export function getAt(value: unknown, path: ConfigPath): unknown {
  let here = value;
  for (const segment of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, segment)) return undefined;
    here = (here as Record<string | number, unknown>)[segment];
  }
  return here;
}

/** True when `path` is `ancestor` or lies below it. */
export function isWithin(path: ConfigPath, ancestor: ConfigPath): boolean {
  return (
    ancestor.length <= path.length && ancestor.every((segment, i) => String(segment) === String(path[i]))
  );
}

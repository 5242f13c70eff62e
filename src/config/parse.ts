import { InvalidConfig } from "./invalid.ts";
import { Json5Error } from "./json5-error.ts";
import { type ConfigPath, formatPath } from "./path.ts";
import { findReservedKey, MAX_DEPTH } from "./reserved.ts";

export interface ParsedConfig {
  value: unknown;
  notices: string[];
}

const STRING_AND_COLON = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/**
 * Reads JSON or JSON5. Plain JSON, the common case, does not load the JSON5 parser.
 * Of a key that occurs twice the last one wins, with a notice. Throws `InvalidConfig` (78) with line and column.
 */
export async function parseConfigText(text: string, file: string): Promise<ParsedConfig> {
  const plain = parsePlainJson(text);
  const { value, notices } = plain ?? (await parseJson5(text, file));
  const reserved = findReservedKey(value);
  if (!reserved) return { value, notices };
  const { position } = await positionOf(text, reserved);
  const message = `Reserved key: ${JSON.stringify(String(reserved.at(-1)))} cannot be used in the config`;
  throw new InvalidConfig(file, [{ path: formatPath(reserved), message, ...position }]);
}

/** Undefined where the text needs the parser that can tell where: not plain JSON, a key twice, or nested too deeply. */
function parsePlainJson(text: string): ParsedConfig | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    return undefined;
  }
  let written = 0;
  for (const [, colon] of text.matchAll(STRING_AND_COLON)) if (colon !== undefined) written++;
  return written === countKeys(value) ? { value, notices: [] } : undefined;
}

/** NaN when the value is nested too deeply. */
function countKeys(value: unknown, depth = 0): number {
  if (typeof value !== "object" || value === null) return 0;
  if (depth > MAX_DEPTH) return Number.NaN;
  const children = Object.values(value);
  let count = Array.isArray(value) ? 0 : children.length;
  for (const child of children) count += countKeys(child, depth + 1);
  return count;
}

async function parseJson5(text: string, file: string): Promise<ParsedConfig> {
  const { parseTree, readTree } = await import("./json5.ts");
  try {
    const { value, duplicates } = readTree(parseTree(text));
    const notices = duplicates.map(
      (path) => `${file} has ${formatPath(path)} more than once; the last one counts`,
    );
    return { value, notices };
  } catch (error) {
    if (!(error instanceof Json5Error)) throw error;
    const issue = { path: "<root>", message: `SyntaxError: ${error.message}`, ...error.position };
    throw new InvalidConfig(file, [issue], { syntax: error.message, cause: error });
  }
}

async function positionOf(text: string, path: ConfigPath) {
  const { locate, parseTree } = await import("./json5.ts");
  return locate(parseTree(text), path);
}

import type { ConfigPath } from "../config/path.ts";
import { isSecretPath } from "../config/redact.ts";
import { UsageError } from "./usage.ts";

/**
 * What was typed as a value: JSON or JSON5 where it is that, else text. A secret that consists of digits stays text.
 * Throws `UsageError` when it has to be JSON, by wish or by its first character, and is not.
 */
export async function parseConfigValue(text: string, path: ConfigPath, strict: boolean): Promise<unknown> {
  const plain = parseJson(text);
  if (plain !== undefined) return isSecretPath(path) && typeof plain.value !== "object" ? text : plain.value;
  if (!strict && !/^\s*[[{]/.test(text)) return text;
  const { Json5Error, parseTree, readTree } = await import("../config/json5.ts");
  try {
    return readTree(parseTree(text)).value;
  } catch (error) {
    if (!(error instanceof Json5Error)) throw error;
    throw new UsageError(`bad value: ${error.message}`, ["config", "set"]);
  }
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

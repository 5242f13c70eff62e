import { parseJson5Value } from "../config/json5-value.ts";
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
  const parsed = await parseJson5Value(text);
  if (parsed.ok) return parsed.value;
  throw new UsageError(`bad value: ${parsed.problem}`, ["config", "set"]);
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

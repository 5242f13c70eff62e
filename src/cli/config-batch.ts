import { parseJson5Value } from "../config/json5-value.ts";
import { type ConfigPath, parsePath } from "../config/path.ts";
import { Fault } from "../platform/fault.ts";
import { isRecord } from "../protocol/frames.ts";
import { readInput } from "./read-input.ts";

const MAX_ENTRIES = 1_000;

/**
 * `[{ "path": "gateway.port", "value": 18800 }, …]`, JSON or JSON5; "-" reads stdin. Throws `Fault` (1) that names the
 * entry.
 */
export async function readBatch(file: string): Promise<{ path: ConfigPath; value: unknown }[]> {
  const parsed = await parseJson5Value(await readInput(file));
  if (!parsed.ok) throw wrong(file, parsed.problem);
  const { value: list } = parsed;
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_ENTRIES) {
    throw wrong(file, `expected a list of 1 to ${MAX_ENTRIES} entries`);
  }
  return list.map((entry: unknown, i) => {
    if (isRecord(entry) && typeof entry.path === "string" && entry.value !== undefined) {
      return { path: parsePath(entry.path), value: entry.value };
    }
    throw wrong(file, `entry ${i + 1}: expected { path, value }`);
  });
}

function wrong(file: string, problem: string): Fault {
  return new Fault(`${file === "-" ? "stdin" : file} is no batch of changes: ${problem}`, {
    why: 'For example: [{ "path": "gateway.port", "value": 18800 }]',
  });
}

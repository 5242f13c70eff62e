import { writeFileAtomic } from "../platform/files.ts";
import { isRecord } from "../protocol/frames.ts";
import { InvalidConfig } from "./invalid.ts";
import type { LoadedConfig } from "./load.ts";
import { parseConfigText } from "./parse.ts";
import { formatPath } from "./path.ts";
import { findPlaceholder } from "./placeholders.ts";
import { readConfigFile } from "./read-file.ts";

export type Promotion =
  /** `damaged`: what was there before was no config. */
  | { kind: "promoted"; damaged: boolean }
  /** It is the last known good one already, or there is no file. */
  | { kind: "unchanged" }
  /** A whole line for the log. */
  | { kind: "skipped"; message: string };

export function lastGoodPath(configPath: string): string {
  return `${configPath}.last-good`;
}

/** The text of the last config a gateway has run with, or undefined. Throws `Fault` when it may not be read. */
export function readLastGood(configPath: string): string | undefined {
  return readConfigFile(lastGoodPath(configPath));
}

/**
 * Keeps the file's text as the last known good one: for a gateway that has started or reloaded with it.
 * A read-only folder or a placeholder in the place of a secret is a reason to skip, not to fail. Never throws.
 */
export async function promoteLastGood({ path, raw, config, source }: LoadedConfig): Promise<Promotion> {
  if (raw === undefined) return { kind: "unchanged" };
  const found = findPlaceholder(config) ?? findPlaceholder(source);
  if (found) return skipped(`redacted secret placeholder at ${formatPath(found)}`);
  try {
    const before = readLastGood(path);
    if (before === raw) return { kind: "unchanged" };
    const damaged = before !== undefined && !(await isConfig(before, path));
    writeFileAtomic(lastGoodPath(path), raw);
    return { kind: "promoted", damaged };
  } catch (error) {
    return skipped((error as Error).message);
  }
}

async function isConfig(text: string, path: string): Promise<boolean> {
  try {
    return isRecord((await parseConfigText(text, path)).value);
  } catch (error) {
    if (error instanceof InvalidConfig) return false;
    throw error;
  }
}

function skipped(reason: string): Promotion {
  return { kind: "skipped", message: `Config last-known-good promotion skipped: ${reason}` };
}

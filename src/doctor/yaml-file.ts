import { join } from "node:path";
import { readConfigFile } from "../config/read-file.ts";
import type { Paths } from "../platform/paths.ts";

const NAMES = ["config.yaml", "config.yml"];

/** A config as some guides speak of it, which nothing reads. Undefined where there is none that can be read. */
export function findYamlFile({ stateDir }: Paths): { path: string; text: string } | undefined {
  for (const name of NAMES) {
    const path = join(stateDir, name);
    const text = read(path, stateDir);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

function read(path: string, stateDir: string): string | undefined {
  try {
    return readConfigFile(path, stateDir);
  } catch {
    return undefined;
  }
}

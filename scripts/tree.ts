import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** The checkout. */
export const ROOT = join(import.meta.dirname, "..");

/** Files below a folder of the checkout, as paths relative to the checkout, sorted. */
export function filesBelow(folder: string, accept: (file: string) => boolean): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter(accept)
    .sort();
}

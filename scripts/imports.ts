import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { ROOT } from "./tree.ts";

export type ImportKind = "value" | "type" | "dynamic";

export interface Import {
  kind: ImportKind;
  /** A file of the checkout ("src/…") or the specifier of a package or builtin. */
  target: string;
  ours: boolean;
}

const STATIC = /^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\("([^"]+)"\)/g;

/** What a source file imports, read from its text. */
export function importsOf(file: string): Import[] {
  const source = readFileSync(join(ROOT, file), "utf8");
  const found: Import[] = [];
  for (const [, type, specifier] of source.matchAll(STATIC))
    found.push(resolve(file, specifier!, type ? "type" : "value"));
  for (const [, specifier] of source.matchAll(DYNAMIC)) found.push(resolve(file, specifier!, "dynamic"));
  return found;
}

function resolve(from: string, specifier: string, kind: ImportKind): Import {
  const ours = specifier.startsWith(".");
  return { kind, ours, target: ours ? normalize(join(dirname(from), specifier)) : specifier };
}

/** Everything that loads together with a file: our files and the packages they pull in. */
export function closureOf(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const { kind, ours, target } of importsOf(file)) {
      if (kind !== "value") continue;
      if (ours) queue.push(target);
      else packages.add(target);
    }
  }
  return { files, packages };
}

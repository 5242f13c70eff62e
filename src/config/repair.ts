import type { Issue } from "./invalid.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { formatPath } from "./path.ts";

/**
 * Which problems of the result an edit has to answer for: those that were not there before and lie at, above or below
 * what was edited. All others were there already, seen or hidden behind the ones that were seen.
 */
export function newProblems(
  before: readonly Issue[],
  after: readonly Issue[],
  edits: readonly ConfigEdit[],
): Issue[] {
  const known = new Set(before.map(nameOf));
  // An include brings in anything at the place where it stands.
  const edited = edits.map(({ path }) => formatPath(path.at(-1) === "$include" ? path.slice(0, -1) : path));
  return after.filter(
    (issue) => !known.has(nameOf(issue)) && edited.some((path) => isRelated(path, issue.path)),
  );
}

function nameOf({ path, message }: Issue): string {
  return `${path}: ${message}`;
}

function isRelated(a: string, b: string): boolean {
  return isBelow(a, b) || isBelow(b, a);
}

function isBelow(path: string, above: string): boolean {
  if (above === "<root>" || path === above) return true;
  return path.startsWith(above) && /^[.[]/.test(path.slice(above.length));
}

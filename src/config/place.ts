import type { DocumentNode } from "@humanwhocodes/momoa";
import type { Issue } from "./invalid.ts";
import { type ConfigPath, formatPath, isWithin } from "./path.ts";
import type { Problem } from "./validate.ts";

/** One file the config was read from. */
export interface Source {
  file: string;
  text: string;
  /** What the file says, its own includes not followed. */
  value: unknown;
  /** Where in the config its content hangs; the main file's is the root. */
  mount: ConfigPath;
  /** Of an included file: its path without symlinks. */
  real?: string;
  /** Of an included file: the one that names it. */
  from?: Source;
  /** It, or a file on the way to it, is one of several that are joined at one place. */
  joined?: boolean;
}

/** Nobody reads more than these, and they are kept, logged and sent; to find places takes time. */
const MAX_ISSUES = 1_000;
const MAX_PLACED = 100;
const MAX_CHARS = 400;

/** Finds file, line and column of each problem. Sources as `followIncludes` gives them: those that win first. */
export async function placeProblems(
  problems: readonly Problem[],
  sources: readonly Source[],
): Promise<Issue[]> {
  const { locate } = await import("./json5.ts");
  const trees = new Map<Source, DocumentNode | undefined>();

  const find = async (source: Source, path: ConfigPath) => {
    if (!trees.has(source)) trees.set(source, await treeOf(source.text));
    const tree = trees.get(source);
    if (!tree) return { position: {}, exact: false };
    const inner = path.slice(source.mount.length);
    const { position, found } = locate(tree, inner);
    return { position, exact: found === inner.length };
  };

  async function place({ path, message, at = path }: Problem): Promise<Issue> {
    const issue = { path: shortened(formatPath(path)), message: shortened(message) };
    const [main, ...included] = sources;
    if (!main || issues.length >= MAX_PLACED) return issue;
    const here = await find(main, at);
    if (here.exact && at.length > 0) return { ...issue, ...here.position };
    for (const source of included) {
      if (!isWithin(at, source.mount)) continue;
      const there = await find(source, at);
      if (there.exact) return { ...issue, ...there.position, file: source.file };
    }
    return { ...issue, ...here.position };
  }

  const issues: Issue[] = [];
  for (const problem of problems.slice(0, MAX_ISSUES)) issues.push(await place(problem));
  return issues;
}

/** Undefined for text with so many parts that only the parser of plain JSON can read it. */
async function treeOf(text: string): Promise<DocumentNode | undefined> {
  const { Json5Error, parseTree } = await import("./json5.ts");
  try {
    return parseTree(text);
  } catch (error) {
    if (error instanceof Json5Error) return undefined;
    throw error;
  }
}

function shortened(text: string): string {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
}

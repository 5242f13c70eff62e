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

/** Finds file, line and column of each problem. Sources as `followIncludes` gives them: those that win first. */
export async function placeProblems(
  problems: readonly Problem[],
  sources: readonly Source[],
): Promise<Issue[]> {
  const { locate, parseTree } = await import("./json5.ts");
  const trees = new Map<Source, DocumentNode>();

  const find = (source: Source, path: ConfigPath) => {
    const tree = trees.get(source) ?? parseTree(source.text);
    trees.set(source, tree);
    const inner = path.slice(source.mount.length);
    const { position, found } = locate(tree, inner);
    return { position, exact: found === inner.length };
  };

  return problems.map(({ path, message, at = path }) => {
    const issue = { path: formatPath(path), message };
    const [main, ...included] = sources;
    if (!main) return issue;
    const here = find(main, at);
    if (here.exact && at.length > 0) return { ...issue, ...here.position };
    for (const source of included) {
      if (!isWithin(at, source.mount)) continue;
      const there = find(source, at);
      if (there.exact) return { ...issue, ...there.position, file: source.file };
    }
    return { ...issue, ...here.position };
  });
}

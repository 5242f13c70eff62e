import { isAbsolute, join, resolve, win32 } from "node:path";
import type { Paths } from "../platform/paths.ts";
import { isRecord } from "../protocol/frames.ts";
import { isInside, realPathOf } from "./include-path.ts";
import type { ConfigPath } from "./path.ts";
import type { Config } from "./schema.ts";
import type { Problem } from "./validate.ts";

/**
 * Programs that hooks name are code that a gateway runs, so they come from one folder only, whoever has written the
 * config: `hooks/transforms` in the state folder, symlinks resolved (CONF-14). `home` is what `~` stands for.
 */
export function hookPathProblems(
  { hooks }: Config,
  { stateDir }: Pick<Paths, "stateDir">,
  home: string,
): Problem[] {
  if (!hooks) return [];
  // What is below the state folder is not followed here: a link in the place of the folder would lead out too.
  const root = join(realPathOf(stateDir), "hooks", "transforms");
  const { transformsDir, mappings = [] } = hooks;
  const dir = resolve(
    root,
    (transformsDir ?? ".").replace(/^~(?=$|[/\\])/, () => home),
  );
  const realDir = realPathOf(dir);
  if (realDir !== root && !isInside(realDir, root)) {
    const path = transformsDir === undefined ? ["hooks"] : ["hooks", "transformsDir"];
    return [{ path, message: `Invalid value: ${JSON.stringify(dir)} lies outside of ${root}` }];
  }
  return mappings.flatMap(({ transform }, i) => {
    if (!isRecord(transform) || transform.module === undefined) return [];
    const path = ["hooks", "mappings", i, "transform", "module"];
    return moduleProblem(transform.module, realDir, path) ?? [];
  });
}

function moduleProblem(module: unknown, dir: string, path: ConfigPath): Problem | undefined {
  if (typeof module !== "string" || module === "" || module.includes("\0")) {
    return { path, message: `Invalid type: expected the name of a file in ${dir}` };
  }
  if (isAbsolute(module) || win32.isAbsolute(module) || /^(~|[a-z][a-z0-9+.-]*:)/i.test(module)) {
    return { path, message: `Invalid value: expected a path from ${dir}, got ${JSON.stringify(module)}` };
  }
  if (isInside(realPathOf(resolve(dir, module)), dir)) return undefined;
  return { path, message: `Invalid value: ${JSON.stringify(module)} lies outside of ${dir}` };
}

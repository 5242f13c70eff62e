import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** A folder that paths chosen by a model cannot leave. */
export interface Jail {
  /** Real path of the folder. */
  readonly root: string;
  /**
   * Absolute path inside the folder, free of symlinks except that the last part may not exist yet.
   * Throws an Error the model can read for "..", absolute and linked ways out, and for NUL.
   */
  resolve(path: string): Promise<string>;
  /** How a resolved path is shown: relative, with "/". */
  show(resolved: string): string;
}

/** Throws when the folder does not exist. */
export async function openJail(folder: string): Promise<Jail> {
  const root = await realpath(folder);
  return {
    root,
    async resolve(path) {
      if (path.includes("\0")) throw new Error("a path cannot contain a NUL character");
      const inFolder = isAbsolute(path) && isInside(folder, path) ? relative(folder, path) : path;
      const wanted = resolve(root, inFolder);
      const real = isInside(root, wanted) ? await realOf(wanted) : undefined;
      if (!real || !isInside(root, real)) throw new Error(`"${path}" is outside the workspace`);
      return real;
    },
    show: (resolved) => relative(root, resolved).split(sep).join("/") || ".",
  };
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Real path of what exists of `path`, with the missing rest appended; undefined where a broken link is in the way. */
async function realOf(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    try {
      return join(await realpath(at), ...missing);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      // A link to nowhere may point anywhere: creating "through" it would leave the folder.
      if (await isLink(at)) return undefined;
      missing.unshift(basename(at));
    }
  }
}

async function isLink(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() ?? false;
}

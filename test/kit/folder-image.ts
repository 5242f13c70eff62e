import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "../../src/platform/files.ts";

/** Everything about a folder that a program could have changed: one line for each path in it, without times. */
export type FolderImage = ReadonlyMap<string, string>;

export function imageOf(folder: string): FolderImage {
  const names = ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()];
  // A running gateway makes and removes journals all the time.
  return new Map(
    names.flatMap((name): [string, string][] => {
      const line = lineOf(join(folder, name));
      return line === undefined ? [] : [[name, line]];
    }),
  );
}

/** The same without what `leave` names; `""` is the folder itself. */
export function imageWithout(image: FolderImage, leave: (path: string) => boolean): FolderImage {
  return new Map([...image].filter(([path]) => !leave(path)));
}

function lineOf(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const rights = `${(stat.mode & 0o7777).toString(8)} ${stat.uid}:${stat.gid}`;
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (!stat.isFile()) return `${stat.isDirectory() ? "folder" : "special"} ${rights}`;
  return `file ${rights} ${stat.size} ${sha256Hex(readFileSync(path))}`;
}

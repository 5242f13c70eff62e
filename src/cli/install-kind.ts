import { existsSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { shellWord } from "../platform/storage-fault.ts";

export interface Installation {
  /** `checkout`: a working copy of the sources. `npm`: a package installed by a package manager. */
  kind: "checkout" | "npm" | "unpacked";
  /** The folder that is updated or removed as a whole. */
  root: string;
  /** npm only: for every user of this Node, or for one project. */
  global?: boolean;
}

/** What this very program is, by where its launcher lies. */
export function installationHere(launcher = process.argv[1]!): Installation {
  const file = realpathSync(launcher);
  const root = dirname(file);
  if (existsSync(join(root, "..", ".git")) || existsSync(join(root, "..", "src/cli/main.ts")))
    return { kind: "checkout", root: dirname(root) };
  const modules = `${sep}node_modules${sep}`;
  if (!root.includes(modules)) return { kind: "unpacked", root };
  const owner = root.slice(0, root.lastIndexOf(modules));
  return { kind: "npm", root, global: !existsSync(join(owner, "package.json")) };
}

export function updateCommand({ kind, root, global }: Installation): string {
  if (kind === "checkout") return `cd ${shellWord(root)} && git pull && npm ci && npm run build`;
  if (kind === "unpacked") return `unpack the newer version over ${shellWord(root)}`;
  return `npm install ${global ? "-g " : ""}openclaw@latest`;
}

/** How the program itself goes: a command, or what a person has to decide. */
export function removalCommand(found = installationHere()): string {
  const { kind, root, global } = found;
  if (kind === "npm") return `npm uninstall ${global ? "-g " : ""}openclaw`;
  // Work that is nowhere else may lie in it.
  if (kind === "checkout")
    return `a checkout of the sources in ${root}; delete the folder when nothing in it is needed`;
  return `rm -r ${shellWord(root)}`;
}

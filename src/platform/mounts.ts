import { readFileSync, realpathSync } from "node:fs";
import { dirname, sep } from "node:path";

export interface Mount {
  /** Where it is seen from this process. */
  path: string;
  /** `ext4`, `overlay`, `tmpfs`, … */
  fsType: string;
}

/** What there is to know of a mount beyond its place. */
export interface MountDetails extends Mount {
  /** Which folder of the file system it shows; "/" for all of it. */
  root: string;
  /** Those of the mount and those of the file system. */
  options: readonly string[];
}

/** Every mount of this process, in the order they were made; none where the system does not tell. */
export function readMounts(): MountDetails[] {
  try {
    return parseMountinfo(readFileSync("/proc/self/mountinfo", "utf8"));
  } catch {
    return [];
  }
}

/** Pure, see proc(5): `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`. */
export function parseMountinfo(text: string): MountDetails[] {
  return text.split("\n").flatMap((row) => {
    const [before = "", after = ""] = row.split(" - ", 2);
    const [, , , root, path, own = ""] = before.split(" ");
    const [fsType, , common = ""] = after.split(" ");
    if (!root || !path || !fsType) return [];
    const options = [...own.split(","), ...common.split(",")];
    return [{ path: unescaped(path), fsType, root: unescaped(root), options }];
  });
}

/** Pure. */
export function isReadOnly({ options }: MountDetails): boolean {
  return options.includes("ro");
}

/** Pure: a later mount hides an earlier one. */
export function mountOf<M extends Mount>(path: string, mounts: readonly M[]): M | undefined {
  const above = mounts.filter(
    (mount) => mount.path === "/" || path === mount.path || path.startsWith(`${mount.path}${sep}`),
  );
  const longest = Math.max(...above.map((mount) => mount.path.length));
  return above.findLast((mount) => mount.path.length === longest);
}

/** Pure: whether something is mounted at exactly this place. */
export function isMountPoint(path: string, mounts: readonly Mount[]): boolean {
  return mounts.some((mount) => mount.path === path);
}

/** The file system under a path, which need not exist yet; links are followed. */
export function fileSystemOf(path: string, mounts: readonly Mount[] = readMounts()): Mount | undefined {
  return mountOf(realPath(path), mounts);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const upper = dirname(path);
    return upper === path ? path : `${realPath(upper)}${path.slice(upper.length)}`;
  }
}

/** Blanks, tabs, line feeds and backslashes are written in octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

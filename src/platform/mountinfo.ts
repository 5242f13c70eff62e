/** `/proc/self/mountinfo` read into values, see proc_pid_mountinfo(5). Pure. */

export interface Mount {
  /** Where it is mounted. */
  point: string;
  /** Which folder of the file system that is; "/" for all of it. */
  root: string;
  /** `ext4`, `overlay`, `tmpfs`, … */
  type: string;
  /** Those of the mount and those of the file system. */
  options: readonly string[];
}

export function parseMountinfo(text: string): Mount[] {
  return text.split("\n").flatMap((row) => {
    const [before = "", after = ""] = row.split(" - ");
    const [, , , root, point, options = ""] = before.split(" ");
    const [type, , superOptions = ""] = after.split(" ");
    if (!root || !point || !type) return [];
    return [
      {
        point: unescaped(point),
        root: unescaped(root),
        type,
        options: [...options.split(","), ...superOptions.split(",")],
      },
    ];
  });
}

/** The mount that holds a path, which has to be absolute and free of symlinks. Of two on one folder the later one covers. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  const holding = mounts.filter(({ point }) => isWithin(path, point));
  return holding.reduce<Mount | undefined>(
    (best, mount) => (best && best.point.length > mount.point.length ? best : mount),
    undefined,
  );
}

export function isReadOnly({ options }: Mount): boolean {
  return options.includes("ro");
}

function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

/** Blank, tab, line feed and backslash come as octal numbers. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

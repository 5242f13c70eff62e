import type { MountDetails } from "./mounts.ts";

/** Memory limits of control groups, version 1 and 2; see cgroups(7). Pure, but for the reader that is handed in. */
export interface MemoryGroup {
  /** The smallest limit between the process and the root of what it can see, in bytes. */
  limit?: { bytes: number; file: string };
  /** Processes the kernel has killed in the group of the process because of its limit. */
  oomKills?: { count: number; file: string };
}

/** From here on version 1 means "no limit". */
const UNLIMITED_BYTES = 2 ** 60;

/** `table` is `/proc/<pid>/cgroup`, `text` reads a file or says that there is none. */
export function memoryGroupOf(
  table: string,
  mounts: readonly MountDetails[],
  text: (path: string) => string | undefined,
): MemoryGroup {
  const found = hierarchyOf(table, mounts);
  if (!found) return {};
  const { folders, names } = found;
  const limits = folders.flatMap((folder) => {
    const file = `${folder}/${names.limit}`;
    const bytes = Number(text(file)?.trim() || Number.NaN);
    return bytes < UNLIMITED_BYTES ? [{ bytes, file }] : [];
  });
  const events = `${folders[0]}/${names.events}`;
  const kills = /^oom_kill (\d+)$/m.exec(text(events) ?? "")?.[1];
  const [limit] = limits.sort((a, b) => a.bytes - b.bytes);
  return {
    ...(limit && { limit }),
    ...(kills !== undefined && { oomKills: { count: Number(kills), file: events } }),
  };
}

const NAMES_V1 = { limit: "memory.limit_in_bytes", events: "memory.oom_control" };
const NAMES_V2 = { limit: "memory.max", events: "memory.events" };

/** The group whose memory is counted, as the kernel calls it. */
export function memoryGroupPath(table: string): string | undefined {
  return V1_PATH.exec(table)?.[1] ?? V2_PATH.exec(table)?.[1];
}

const V1_PATH = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.+)$/m;
const V2_PATH = /^0::(.+)$/m;

/** Innermost folder first. Where both versions are mounted, the memory controller is in version 1 or nowhere. */
function hierarchyOf(table: string, mounts: readonly MountDetails[]) {
  const v1 = mounts.find(({ fsType, options }) => fsType === "cgroup" && options.includes("memory"));
  const path1 = V1_PATH.exec(table)?.[1];
  if (v1 && path1) return { folders: foldersOf(v1, path1), names: NAMES_V1 };
  const v2 = mounts.find(({ fsType }) => fsType === "cgroup2");
  const path2 = V2_PATH.exec(table)?.[1];
  return v2 && path2 ? { folders: foldersOf(v2, path2), names: NAMES_V2 } : undefined;
}

/** In a container the mount may show just a part of the tree; a path outside of it is shown as its top. */
function foldersOf({ path: point, root }: MountDetails, path: string): string[] {
  const base = root === "/" ? "" : root;
  const below = path.startsWith(`${base}/`) ? path.slice(base.length) : "";
  const parts = below.split("/").filter(Boolean);
  return parts.map((_, i) => `${point}/${parts.slice(0, parts.length - i).join("/")}`).concat(point);
}

import { accessSync, constants } from "node:fs";
import { parseMountinfo } from "../../platform/mounts.ts";
import type { Paths } from "../../platform/paths.ts";
import { octalMode, takeOverCommand } from "../../platform/storage-fault.ts";
import type { Change } from "../change.ts";
import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";
import { listed } from "../listed.ts";
import { type OurFile, ourFiles } from "../our-files.ts";
import { judgeModes, judgeSecrets } from "../private-modes.ts";

export default defineCheck({
  id: "permissions",
  summary: "the files of the state folder belong to its owner and to nobody else",
  where: "anywhere",
  async inspect({ paths, config, host }) {
    const uid = process.getuid?.();
    if (uid === undefined) return [];
    const checked = await config();
    const files = ourFiles(paths, checked.ok ? checked.loaded.files : []);
    const ours = uid === 0 ? files : files.filter(({ stat }) => stat.uid === uid);
    const mounts = parseMountinfo(host.text("/proc/self/mountinfo") ?? "").map((mount) => mount.path);
    return [
      // What is mounted in has its owner outside.
      ...judgeOwners(
        files.filter(({ path }) => !mounts.includes(path)),
        uid,
        paths,
      ),
      ...judgeSecrets(ours.filter(({ kind }) => kind === "secret")),
      ...judgeModes(ours.filter(({ kind }) => kind === "private")),
    ];
  },
});

function judgeOwners(files: readonly OurFile[], uid: number, { stateDir, logsDir }: Paths): Observation[] {
  const owner = uid === 0 ? usualOwner(files) : uid;
  const wrong = files.filter((file) => isWrong(file, owner, stateDir));
  if (wrong.length === 0) return [];
  const changes = wrong.flatMap((file): Change[] => changesFor(file, uid, owner, files));
  // Without its log the gateway runs, and a workspace is the matter of one agent.
  const vital = wrong.filter(({ path, kind }) => kind !== "workspace" && !path.startsWith(logsDir));
  const isBlocking = vital.some((file) => (uid === 0 ? owner !== 0 : !isUsable(file)));
  return [
    {
      id: "state-owner",
      severity: isBlocking ? "error" : "warning",
      evidence: listed(
        wrong.map(({ path, stat }) =>
          stat.uid === owner
            ? `${path} may not be used by its owner, uid ${owner}: it has mode ${octalMode(stat.mode)}`
            : `${path} belongs to uid ${stat.uid} with mode ${octalMode(stat.mode)}, and should belong to uid ${owner}`,
        ),
      ),
      fix: uid === 0 ? `chown -R ${owner} ${stateDir}` : takeOverCommand(stateDir),
      // Only what helps with all of them is a repair.
      ...(changes.length === wrong.length && {
        repair: {
          does: uid === 0 ? `give the files to uid ${owner}` : "let their owner read and write the files",
          level: "safe",
          changes,
        },
      }),
    },
  ];
}

/** A state folder and a workspace may be shared by means of a group; everything else is of one owner. */
function isWrong(file: OurFile, owner: number, stateDir: string): boolean {
  if (!isUsable(file)) return true;
  return file.stat.uid !== owner && file.kind !== "workspace" && file.path !== stateDir;
}

function isUsable({ path, stat }: OurFile): boolean {
  const { R_OK, W_OK, X_OK } = constants;
  try {
    accessSync(path, stat.isDirectory() ? R_OK | W_OK | X_OK : R_OK | W_OK);
    return true;
  } catch (error) {
    // A read-only disk is another fault, with another way out.
    return (error as NodeJS.ErrnoException).code === "EROFS";
  }
}

/** What root takes for right: whoever most of the folder belongs to. */
function usualOwner(files: readonly OurFile[]): number {
  const counts = new Map<number, number>();
  for (const { stat, kind } of files)
    if (kind !== "workspace") counts.set(stat.uid, (counts.get(stat.uid) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}

function changesFor(
  { path, stat }: OurFile,
  uid: number,
  owner: number,
  files: readonly OurFile[],
): Change[] {
  if (uid === 0) {
    const gid = files.find((file) => file.stat.uid === owner)?.stat.gid ?? stat.gid;
    return [{ kind: "chown", path, uid: owner, gid }];
  }
  if (stat.uid !== uid) return [];
  return [{ kind: "chmod", path, mode: (stat.mode & 0o7700) | (stat.isDirectory() ? 0o700 : 0o600) }];
}

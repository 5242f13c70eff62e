import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { type FreeSpace, freeSpaceAt } from "../../platform/free-space.ts";
import { isReadOnly, type MountDetails, mountOf, parseMountinfo } from "../../platform/mounts.ts";
import type { Paths } from "../../platform/paths.ts";
import { shellWord } from "../../platform/storage-fault.ts";
import { defineCheck } from "../check.ts";
import type { Observation, Severity } from "../finding.ts";
import { inBytes, megabytes } from "../megabytes.ts";

const FULL_BYTES = inBytes(16);
const LOW_BYTES = inBytes(200);

interface Place extends FreeSpace {
  /** What it is for, in the words of a person. */
  what: string;
  mount: MountDetails | undefined;
}

export default defineCheck({
  id: "disk",
  summary: "the folders of the gateway have room and can be written",
  where: "anywhere",
  async inspect({ paths, host }) {
    const mounts = parseMountinfo(host.text("/proc/self/mountinfo") ?? "");
    const found: Place[] = [];
    for (const [what, path] of placesOf(paths)) {
      const space = await freeSpaceAt(path);
      const mount = mountOf(space.path, mounts);
      // One disk is named once, by the first that is on it.
      const isKnown = found.some((other) =>
        mount ? other.mount?.path === mount.path : other.device === space.device,
      );
      if (!isKnown) found.push({ ...space, what, mount });
    }
    return found.flatMap((place) => [...judgeRoom(place), ...judgeWriting(place)]);
  },
});

function placesOf({ stateDir, dataDir, logsDir, configPath }: Paths): [what: string, path: string][] {
  return [
    ["the data", dataDir],
    ["the state folder", stateDir],
    ["the logs", logsDir],
    ["the config", dirname(configPath)],
  ];
}

function judgeRoom({ what, path, bytes, inodes, mount }: Place): Observation[] {
  const disk = mount ? ` (${mount.fsType} at ${mount.path})` : "";
  const fix = `df -h ${shellWord(path)}`;
  if (inodes === 0) {
    const evidence = [`${path}${disk}, which holds ${what}, has no inode left: no file can be made`];
    return [{ id: "disk-full", severity: severityOf(what), evidence, fix: `df -i ${shellWord(path)}` }];
  }
  if (bytes >= LOW_BYTES) return [];
  const evidence = [`${path}${disk}, which holds ${what}, has ${megabytes(bytes)} left`];
  return bytes < FULL_BYTES
    ? [{ id: "disk-full", severity: severityOf(what), evidence, fix }]
    : [{ id: "disk-low", severity: "warning", evidence, fix }];
}

function judgeWriting({ what, path, mount }: Place): Observation[] {
  if (!(mount && isReadOnly(mount)) && !refuses(path)) return [];
  const where = mount ? `: ${mount.fsType} mounted at ${mount.path}` : "";
  return [
    {
      id: "disk-read-only",
      severity: severityOf(what),
      evidence: [`${path}, which holds ${what}, is on a read-only file system${where}`],
      fix: mount ? `sudo mount -o remount,rw ${shellWord(mount.path)}` : "mount | grep ' ro[,)]'",
    },
  ];
}

/** A config on a disk that takes nothing may be meant so: the gateway itself never writes it. */
function severityOf(what: string): Severity {
  return what === "the config" ? "info" : "error";
}

function refuses(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EROFS";
  }
}

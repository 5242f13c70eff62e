import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { octalMode } from "../platform/storage-fault.ts";
import type { Observation, Severity } from "./finding.ts";
import { listed } from "./listed.ts";
import type { OurFile } from "./our-files.ts";

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** Secrets that group or others may read: an error where they can get to them, a warning where a folder is in the way. */
export function judgeSecrets(files: readonly OurFile[]): Observation[] {
  const open = files.filter(isOpen);
  return judge("secrets-readable", open, open.some(isReachable) ? "error" : "warning");
}

export function judgeModes(files: readonly OurFile[]): Observation[] {
  const open = files.filter(isOpen);
  const hurts = open.some(
    (file) => (file.stat.mode & OTHERS_WRITE) !== 0 || (!file.stat.isDirectory() && isReachable(file)),
  );
  return judge("state-permissions", open, hurts ? "warning" : "info").map((found) => ({
    ...found,
    title: "Others may look into the state folder",
    why: "What is in it is private; folders are 0700 and files 0600.",
  }));
}

function judge(id: string, open: readonly OurFile[], severity: Severity): Observation[] {
  if (open.length === 0) return [];
  return [
    {
      id,
      severity,
      evidence: listed(
        open.map(
          (file) =>
            `${file.path} has mode ${octalMode(file.stat.mode)}, ${octalMode(closed(file))} is enough`,
        ),
      ),
      fix: "openclaw doctor --fix",
      repair: {
        does: "take the rights of group and others away",
        level: "safe",
        changes: open.map((file) => ({ kind: "chmod", path: file.path, mode: closed(file) })),
      },
    },
  ];
}

function isOpen({ stat }: OurFile): boolean {
  return (stat.mode & OTHERS) !== 0;
}

function closed({ stat }: OurFile): number {
  return stat.mode & 0o7777 & ~OTHERS;
}

/** Whether somebody else gets through all the folders on the way. */
function isReachable({ path, stat }: OurFile): boolean {
  if ((stat.mode & 0o044) === 0) return false;
  const passable = (stat.mode & 0o004) !== 0 ? 0o001 : 0o011;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((lstatSync(folder).mode & passable) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

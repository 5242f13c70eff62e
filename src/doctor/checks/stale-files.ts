import { basename } from "node:path";
import { isAlive } from "../../platform/alive.ts";
import { readDraftName, readRegular } from "../../platform/files.ts";
import { shownCommand } from "../../platform/gateway-command.ts";
import { mayBeLocked } from "../../platform/lock.ts";
import type { Paths } from "../../platform/paths.ts";
import { shellWord } from "../../platform/storage-fault.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";
import { listed } from "../listed.ts";
import { ourFiles } from "../our-files.ts";

/** What a killed process leaves behind. None of it stops a start; lock files are none, since the kernel keeps the locks. */
export default defineCheck({
  id: "stale-files",
  summary: "no files of processes that are gone",
  where: "anywhere",
  inspect: (facts) => [...judgePidFile(facts), ...judgeDrafts(facts.paths)],
});

function judgePidFile({ paths, host }: Facts): Observation[] {
  const { pidFile } = paths;
  const pid = pidIn(pidFile);
  if (pid === undefined || mayBeLocked(paths.lockFile)) return [];
  // A process that has ended and was not fetched yet has no command line any more.
  const command = host.text(`/proc/${pid}/cmdline`)?.split("\0").slice(0, -1);
  const isGone = !isAlive(pid) || command?.length === 0;
  const fate = isGone
    ? `process ${pid} is gone`
    : `process ${pid} is another program (${shownCommand(command ?? [])}) and does not hold the state folder`;
  return [
    {
      id: "stale-pid-file",
      severity: "info",
      evidence: [`${pidFile}: ${fate}`],
      fix: `rm ${shellWord(pidFile)}`,
      place: { file: pidFile },
      repair: {
        does: `remove ${basename(pidFile)}`,
        level: "safe",
        changes: [{ kind: "remove", path: pidFile }],
      },
    },
  ];
}

/** A file that is no number says nothing about anybody and is replaced by the next start. */
function pidIn(pidFile: string): number | undefined {
  try {
    const [, pid] = /^([1-9]\d{0,9})\s/.exec(`${readRegular(pidFile)}\n`) ?? [];
    return pid === undefined ? undefined : Number(pid);
  } catch {
    return undefined;
  }
}

function judgeDrafts(paths: Paths): Observation[] {
  const drafts = ourFiles(paths).filter(({ path, kind, stat }) => {
    const draft = kind === "workspace" || !stat.isFile() ? undefined : readDraftName(basename(path));
    return draft && !isAlive(draft.pid);
  });
  if (drafts.length === 0) return [];
  return [
    {
      id: "stale-drafts",
      severity: "info",
      evidence: listed(drafts.map(({ path, stat }) => `${path}: ${stat.size} bytes, its writer is gone`)),
      fix: "openclaw doctor --fix",
      repair: {
        does: "remove the drafts of processes that were killed while they wrote",
        level: "safe",
        changes: drafts.map(({ path }) => ({ kind: "remove", path })),
      },
    },
  ];
}

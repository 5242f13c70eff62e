import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { nearestExisting, octalMode, shellWord, takeOverCommand } from "../../platform/storage-fault.ts";
import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";

export default defineCheck({
  id: "log-folder",
  summary: "the log can be written",
  where: "anywhere",
  inspect({ paths: { logsDir, stateDir } }) {
    const found = statSync(nearestExisting(logsDir), { throwIfNoEntry: false });
    if (!found) return [];
    const isThere = nearestExisting(logsDir) === logsDir;
    if (isThere && !found.isDirectory()) {
      const fix = `mv ${shellWord(logsDir)} ${shellWord(`${logsDir}.old`)}`;
      return [observation("error", `${logsDir} is not a folder: the gateway does not start`, fix)];
    }
    // Without it the gateway makes it, if it may: `permissions` and `disk` look at what is above.
    if (!isThere) return [];
    const code = refusal(logsDir, constants.W_OK | constants.X_OK);
    if (code !== undefined) {
      const line = `${logsDir} cannot be written (${code}): it belongs to uid ${found.uid} with mode ${octalMode(found.mode)}`;
      return [
        observation("warning", line, code === "EROFS" ? "mount | grep ' ro[,)]'" : takeOverCommand(stateDir)),
      ];
    }
    const newest = newestLog(logsDir);
    const refused = newest && refusal(newest, constants.W_OK);
    if (newest === undefined || refused === undefined) return [];
    return [observation("warning", `${newest} cannot be written (${refused})`, takeOverCommand(stateDir))];
  },
});

/** The gateway runs without its log, but nobody can find out then what it did. */
function observation(severity: "error" | "warning", line: string, fix: string): Observation {
  return { id: "log-unwritable", severity, evidence: [line], fix };
}

function refusal(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "EACCES";
  }
}

function newestLog(folder: string): string | undefined {
  try {
    const [name] = readdirSync(folder)
      .filter((each) => /^gateway-\d{4}-\d\d-\d\d.*\.log$/.test(each))
      .sort()
      .reverse();
    return name && join(folder, name);
  } catch {
    return undefined;
  }
}

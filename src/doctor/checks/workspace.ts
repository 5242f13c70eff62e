import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { type ConfiguredAgent, configuredAgents } from "../../config/agents.ts";
import { nearestExisting, shellWord, takeOverCommand } from "../../platform/storage-fault.ts";
import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";

export default defineCheck({
  id: "workspace",
  summary: "each agent has a folder of its own that it can write",
  where: "anywhere",
  async inspect({ config, paths }) {
    const checked = await config();
    if (!checked.ok) return [];
    const agents = configuredAgents(checked.loaded.config, paths);
    return [...agents.flatMap(judgeFolder), ...judgeSharing(agents)];
  },
});

/** A folder that is not there yet is made with the first turn, where the folder above lets it. */
function judgeFolder({ id, workspace }: ConfiguredAgent): Observation[] {
  const there = nearestExisting(workspace);
  const isFolder = statSync(there, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder) {
    const fix = `mv ${shellWord(there)} ${shellWord(`${there}.old`)}`;
    return [
      unusable(`the workspace of agent "${id}" is to be ${workspace}, but ${there} is not a folder`, fix),
    ];
  }
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = there === workspace ? workspace : `${workspace}, for which ${there}`;
    const fix = code === "EROFS" ? "mount | grep ' ro[,)]'" : takeOverCommand(workspace);
    return [unusable(`the workspace of agent "${id}", ${what}, cannot be written (${code})`, fix)];
  }
}

function unusable(line: string, fix: string): Observation {
  return { id: "workspace-unusable", severity: "error", evidence: [line], fix };
}

function judgeSharing(agents: readonly ConfiguredAgent[]): Observation[] {
  const byFolder = Map.groupBy(agents, ({ workspace }) => realOf(workspace));
  return [...byFolder].flatMap(([folder, sharing]): Observation[] => {
    if (sharing.length < 2) return [];
    const ids = sharing.map(({ id }) => id);
    return [
      {
        id: "workspace-shared",
        severity: "warning",
        evidence: [
          `agents ${ids.map((id) => `"${id}"`).join(" and ")} work in ${folder}: each reads and changes the other's files`,
        ],
        fix: `openclaw config set agents.entries.${ids.at(-1)}.workspace ${shellWord(`${folder}-${ids.at(-1)}`)}`,
      },
    ];
  });
}

function realOf(path: string): string {
  const there = nearestExisting(path);
  try {
    return realpathSync(there) + path.slice(there.length);
  } catch {
    return path;
  }
}

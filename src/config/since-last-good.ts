import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import { configVersions, currentTexts } from "./history.ts";
import { readLastGood } from "./last-good.ts";
import { diffFiles, diffLines } from "./texts-diff.ts";
import type { ConfigTexts } from "./version.ts";
import { wouldLoad } from "./would-load.ts";

interface Situation {
  paths: Paths;
  env: Env;
}

/**
 * What has changed in the files since a gateway last ran with them, as at most `maxLines` lines without secrets; []
 * when none has run or nothing has changed.
 */
export async function sinceLastGood({ paths, env }: Situation, maxLines: number): Promise<string[]> {
  const text = readLastGood(paths.configPath);
  if (text === undefined) return [];
  const now = (await currentTexts(paths)) ?? { text: "" };
  const lines = diffLines(
    await diffFiles(paths.configPath, await lastGoodTexts(text, now, { paths, env }), now),
  );
  if (lines.length <= maxLines) return lines;
  const shown = lines.slice(0, maxLines - 1);
  return [...shown, `… and ${lines.length - shown.length} lines more`];
}

/** The included files of that time are in the history; where they are not, those of now count. */
async function lastGoodTexts(text: string, now: ConfigTexts, situation: Situation): Promise<ConfigTexts> {
  for (const version of configVersions(situation.paths)) {
    if (version.text === text && version.files && (await wouldLoad(version, situation))) return version;
  }
  return { ...now, text };
}

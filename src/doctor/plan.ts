import { diffConfigTexts } from "../config/config-diff.ts";
import type { Change } from "./change.ts";
import type { Facts } from "./facts.ts";
import { triedEdits } from "./tried-edits.ts";

/** What a repair is going to do, for people: without secrets, and the config as a unified diff. */
export async function planLines(changes: readonly Change[], { paths, configText }: Facts): Promise<string[]> {
  const config = configText();
  const text = config.kind === "text" ? config.text : "{}\n";
  const lines: string[] = [];
  for (const change of changes) lines.push(...(await linesOf(change, text, paths.configPath)));
  return lines;
}

async function linesOf(change: Change, text: string, file: string): Promise<string[]> {
  switch (change.kind) {
    case "config-edits": {
      const tried = await triedEdits(file, text, change.edits);
      const main = tried ? await diffConfigTexts(text, tried.merged.text) : [];
      const others = (tried?.included ?? []).map(async ({ real, before, text: after }) => [
        real,
        ...(await diffConfigTexts(before ?? "", after)),
      ]);
      return [...main, ...(await Promise.all(others)).flat()];
    }
    case "config-text":
      return await diffConfigTexts(text, change.text);
    case "chmod":
      return [`chmod ${change.mode.toString(8).padStart(3, "0")} ${change.path}`];
    case "chown":
      return [`chown ${change.uid}:${change.gid} ${change.path}`];
    case "write":
    case "service":
      return [`write ${change.path}`];
    case "move":
      return [`mv ${change.from} ${change.to}`];
    case "remove":
      return [`rm ${change.path}`];
    case "own-token":
      return [`${change.does} the device token in ${change.path}`];
    case "replace-database": {
      const { path, aside, successor } = change;
      return [`mv ${path}* ${aside}/`, ...(successor === undefined ? [] : [`cp ${successor} ${path}`])];
    }
  }
}

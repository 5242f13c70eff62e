import { diffConfigTexts } from "../config/config-diff.ts";
import { setInText, unsetInText } from "../config/edit.ts";
import type { ConfigEdit } from "../config/legacy-write.ts";
import type { Change } from "./change.ts";
import type { FileText } from "./facts.ts";

/** What a repair is going to do, for people: without secrets, and the config as a unified diff. */
export async function planLines(changes: readonly Change[], config: FileText): Promise<string[]> {
  const lines: string[] = [];
  for (const change of changes)
    lines.push(...(await linesOf(change, config.kind === "text" ? config.text : "{}\n")));
  return lines;
}

async function linesOf(change: Change, text: string): Promise<string[]> {
  switch (change.kind) {
    case "config-edits":
      return await diffConfigTexts(text, edited(text, change.edits) ?? text);
    case "config-text":
      return await diffConfigTexts(text, change.text);
    case "chmod":
      return [`chmod ${change.mode.toString(8).padStart(3, "0")} ${change.path}`];
    case "chown":
      return [`chown ${change.uid}:${change.gid} ${change.path}`];
    case "write":
      return [`write ${change.path}`];
    case "move":
      return [`mv ${change.from} ${change.to}`];
    case "remove":
      return [`rm ${change.path}`];
    case "replace-database": {
      const { path, aside, successor } = change;
      return [`mv ${path}* ${aside}/`, ...(successor === undefined ? [] : [`cp ${successor} ${path}`])];
    }
  }
}

/** Undefined where the text cannot be edited as it stands, for example because the value is in an included file. */
function edited(text: string, edits: readonly ConfigEdit[]): string | undefined {
  try {
    return edits.reduce(
      (out, { path, value }) => (value === undefined ? unsetInText(out, path) : setInText(out, path, value)),
      text,
    );
  } catch {
    return undefined;
  }
}

import type { Dirent } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { defineTool } from "../agent/tool.ts";
import { openJail } from "./jail.ts";

const MAX_ENTRIES = 500;
/** Read of one folder before sorting; a folder with more is shown in part. */
const MAX_SCANNED = 5_000;
const NOT_ENTERED = new Set([".git", "node_modules"]);

export default defineTool({
  name: "list",
  description: "List files and folders with their sizes.",
  title: ({ path }) => `list ${path}`,
  kind: "file",
  effect: "none",
  input: v.object({
    path: v.optional(v.pipe(v.string(), v.maxLength(4096)), "."),
    depth: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4)), 1),
  }),
  parameters: {
    type: "object",
    properties: {
      path: { type: "string", description: "relative to the workspace; default: the workspace" },
      depth: { type: "integer", minimum: 1, maximum: 4, description: "levels of folders; default 1" },
    },
  },
  async run({ path, depth }, { workspace, signal }) {
    const jail = await openJail(workspace);
    const top = await jail.resolve(path || ".");
    const lines: string[] = [];
    let cut = false;
    await walk(top, "", depth);
    if (cut) lines.push(`[more than fits; the first ${MAX_ENTRIES} entries are shown]`);
    const text = lines.length === 0 ? "(empty)" : lines.join("\n");
    return { text, details: { path: jail.show(top), entries: lines.length - (cut ? 1 : 0), truncated: cut } };

    async function walk(folder: string, prefix: string, levels: number): Promise<void> {
      for (const entry of await entriesOf(folder)) {
        signal.throwIfAborted();
        if (lines.length >= MAX_ENTRIES) {
          cut = true;
          return;
        }
        const inside = join(folder, entry.name);
        const name = `${prefix}${entry.name}`;
        if (!entry.isDirectory()) {
          lines.push(`${name} (${await describe(entry, inside)})`);
          continue;
        }
        lines.push(`${name}/`);
        if (levels > 1 && !NOT_ENTERED.has(entry.name)) await walk(inside, `${name}/`, levels - 1);
      }
    }

    async function entriesOf(folder: string): Promise<Dirent[]> {
      const entries: Dirent[] = [];
      for await (const entry of await opendir(folder)) {
        if (entries.length === MAX_SCANNED) {
          cut = true;
          break;
        }
        entries.push(entry);
      }
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    }
  },
});

/** Links are named, never followed. */
async function describe(entry: Dirent, path: string): Promise<string> {
  if (entry.isSymbolicLink()) return "link";
  if (!entry.isFile()) return "special";
  const found = await lstat(path).catch(() => undefined);
  return found ? `${found.size} bytes` : "gone";
}

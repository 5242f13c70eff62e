import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Fault } from "../platform/fault.ts";
import { WORKSPACE_SEED } from "./workspace-seed.ts";

export interface WorkspaceFile {
  name: string;
  text: string;
}

/** In the order in which they enter the prompt; the first ones win when space runs out. */
const PROMPT_FILES = ["AGENTS.md", "SOUL.md", "USER.md", "TOOLS.md", "IDENTITY.md", "HEARTBEAT.md"] as const;
const LEFT_OUT = "\n[… the rest of this file is left out]";

/** How much of them a model is shown, in characters. */
export interface WorkspaceCaps {
  file: number;
  total: number;
}

export const WORKSPACE_CAPS: WorkspaceCaps = { file: 20_000, total: 60_000 };
/** Files of 64 workspaces; the oldest entry goes first. */
const MAX_CACHED = 64 * PROMPT_FILES.length;

const cache = new Map<string, { mtimeMs: number; size: number; maxChars: number; text: string }>();

/**
 * Makes the folder (0700) and the files a new agent starts with. What is there already is never changed.
 * Throws a Fault (exit code 78) when the place cannot be written.
 */
export function bootstrapWorkspace(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const { name, text } of WORKSPACE_SEED) writeNew(join(dir, name), text);
  } catch (error) {
    throw new Fault(`the agent's workspace cannot be prepared: ${messageOf(error)}`, {
      why: `${dir} has to be a folder that the gateway's user can write`,
      fix: `sudo chown -R $(whoami) ${dir}`,
      exitCode: 78,
      cause: error,
    });
  }
}

/** The instruction files that exist, cut to the caps. A missing or empty workspace is furnished first. */
export function readWorkspaceFiles(dir: string, caps = WORKSPACE_CAPS): WorkspaceFile[] {
  const files = collect(dir, caps);
  if (files.length > 0 || !isBare(dir)) return files;
  bootstrapWorkspace(dir);
  return collect(dir, caps);
}

/** They are read again when they are needed. */
export function forgetWorkspaceFiles(): void {
  cache.clear();
}

function isBare(dir: string): boolean {
  return !statSync(dir, { throwIfNoEntry: false }) || readdirSync(dir).length === 0;
}

function collect(dir: string, caps: WorkspaceCaps): WorkspaceFile[] {
  const files: WorkspaceFile[] = [];
  let room = caps.total;
  for (const name of PROMPT_FILES) {
    const text = readCached(join(dir, name), Math.min(caps.file, room));
    if (!text || text.trim() === "") continue;
    files.push({ name, text });
    room -= text.length;
  }
  return files;
}

function readCached(path: string, maxChars: number): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  const { mtimeMs, size } = stat;
  const known = cache.get(path);
  if (known?.mtimeMs === mtimeMs && known.size === size && known.maxChars === maxChars) return known.text;
  const text = readStart(path, maxChars);
  cache.delete(path);
  cache.set(path, { mtimeMs, size, maxChars, text });
  if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value!);
  return text;
}

/** At most `maxChars`, the notice of what is missing included; nothing where not even that has room. */
function readStart(path: string, maxChars: number): string {
  const file = openSync(path, "r");
  try {
    // UTF-8 needs at most three bytes for a UTF-16 unit: four are enough to see that there is more than fits.
    const bytes = Buffer.alloc(Math.min(fstatSync(file).size, maxChars * 4));
    const length = readSync(file, bytes, 0, bytes.length, 0);
    const text = bytes.toString("utf8", 0, length);
    if (text.length <= maxChars) return text;
    return maxChars > LEFT_OUT.length ? text.slice(0, maxChars - LEFT_OUT.length) + LEFT_OUT : "";
  } finally {
    closeSync(file);
  }
}

function writeNew(path: string, text: string): void {
  if (statSync(path, { throwIfNoEntry: false })) return;
  writeFileSync(path, text, { flag: "wx", mode: 0o600 });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

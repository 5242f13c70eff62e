import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { draftName } from "../platform/files.ts";
import { GatewayError } from "../protocol/errors.ts";

/** What the agent reads before every turn; nothing else of a workspace is shown or written this way. */
export const AGENT_FILES = [
  "AGENTS.md",
  "SOUL.md",
  "TOOLS.md",
  "IDENTITY.md",
  "USER.md",
  "HEARTBEAT.md",
] as const;
export type AgentFileName = (typeof AGENT_FILES)[number];

export interface AgentFile {
  name: string;
  path: string;
  missing: boolean;
  size?: number;
  updatedAtMs?: number;
  content?: string;
}

const MAX_BYTES = 1_048_576;

export async function describeFile(workspace: string, name: AgentFileName): Promise<AgentFile> {
  const path = join(workspace, name);
  const stat = await lstat(path).catch(() => undefined);
  if (!stat?.isFile()) return { name, path, missing: true };
  return { name, path, missing: false, size: stat.size, updatedAtMs: Math.round(stat.mtimeMs) };
}

/** A link or a pipe in its place is not followed: the agent may write here, and would have it read for it. */
export async function readAgentFile(workspace: string, name: AgentFileName): Promise<AgentFile> {
  const about = await describeFile(workspace, name);
  if (about.missing) return about;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  await using file: FileHandle = await open(about.path, flags);
  const { size } = await file.stat();
  if (size > MAX_BYTES)
    throw new GatewayError(
      "INVALID_REQUEST",
      `${name} is larger than ${MAX_BYTES} bytes; open it with an editor`,
    );
  return { ...about, size, content: await file.readFile("utf8") };
}

export async function writeAgentFile(
  workspace: string,
  name: AgentFileName,
  content: string,
): Promise<AgentFile> {
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  const path = join(workspace, name);
  const draft = draftName(path);
  try {
    {
      await using file = await open(draft, "wx", 0o600);
      await file.writeFile(content);
      await file.sync();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return describeFile(workspace, name);
}

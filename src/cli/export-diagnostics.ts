import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { makeFolders, sha256Hex, writeFileAtomic } from "../platform/files.ts";
import { storageFault } from "../platform/storage-fault.ts";
import { zip } from "../platform/zip.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { CommandContext } from "./context.ts";
import { collectParts, type Part } from "./diagnostics-parts.ts";
import { UsageError } from "./usage.ts";

export interface ExportInput {
  output: string | undefined;
  logLines?: number;
  timeoutMs: number;
}

export interface ExportedDiagnostics {
  path: string;
  bytes: number;
  files: { path: string; what: string; bytes: number; sha256: string }[];
  /** What could not be had, and why. */
  problems: string[];
}

/** Writes the archive (0600) and returns what is in it. Throws `Fault` when it cannot be written. */
export async function exportDiagnostics(
  { output, logLines = 2_000, timeoutMs }: ExportInput,
  context: CommandContext,
): Promise<ExportedDiagnostics> {
  const at = new Date();
  // Asked first: what follows takes a moment.
  const path = pathOf(output, at, context);
  const { parts, problems } = await collectParts({ logLines, timeoutMs }, context);
  const files = parts.map(({ name, what, data }) => ({
    path: name,
    what,
    bytes: data.length,
    sha256: sha256Hex(data),
  }));
  const manifest = { version: 1, generatedAt: at.toISOString(), openclaw: PRODUCT_VERSION, files, problems };
  const all: Part[] = [
    ...parts,
    { name: "manifest.json", what: "", data: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
  ];
  const archive = zip(all, at);
  try {
    writeFileAtomic(path, archive);
  } catch (error) {
    throw storageFault({ error, path, ours: context.paths.stateDir }) ?? error;
  }
  return { path, bytes: archive.length, files, problems };
}

function pathOf(output: string | undefined, at: Date, { paths, env, name: command }: CommandContext): string {
  const name = `openclaw-diagnostics-${at.toISOString().slice(0, 19).replace(/:/g, "-")}.zip`;
  if (output === undefined) {
    const dir = join(paths.logsDir, "support");
    makeFolders(dir);
    return join(dir, name);
  }
  const wanted = resolve(output.replace(/^~(?=$|[/\\])/, () => env.home));
  if (isFolder(wanted)) return join(wanted, name);
  if (isFolder(dirname(wanted))) return wanted;
  throw new UsageError(`bad value for --output: there is no folder ${dirname(wanted)}`, command.split(" "));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createBackup } from "../../src/cli/backup/create.ts";
import { restoreBackup } from "../../src/cli/backup/restore.ts";
import { readTar } from "../../src/cli/backup/tar-reader.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { localConfig, makeState, type StateFolder } from "./state.ts";

export const { signal } = new AbortController();
export const NOW = Date.parse("2026-11-26T02:00:00Z");

export function placesOf(state: StateFolder) {
  const env = readEnv(state.env);
  return { env, paths: resolvePaths(env) };
}

/** A state with an include, a device database, a workspace with a long name, and a link. */
export function filledState(extra: Record<string, unknown> = {}): StateFolder {
  const state = makeState({ $include: "./parts/models.json5", ...localConfig(18_790, extra) });
  mkdirSync(join(state.dir, "parts"));
  writeFileSync(join(state.dir, "parts/models.json5"), "{ logging: { level: 'debug' } }\n");
  mkdirSync(join(state.dir, "data"), { mode: 0o700 });
  writeFileSync(join(state.dir, "data/own-device.json"), "{}\n", { mode: 0o600 });
  const folder = join(state.dir, "workspace", "d".repeat(90), "ünterlagen");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${"n".repeat(80)}.md`), "notes\n");
  writeFileSync(join(state.dir, "workspace", "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  mkdirSync(join(state.dir, "logs"));
  writeFileSync(join(state.dir, "logs/gateway.log"), "a line\n");
  return state;
}

export function tree(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile() && !/gateway\.lock|config\.lock/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(dir.length), readFileSync(file, "utf8")]),
  );
}

export const save = (state: StateFolder, workspace = true, name = "b.tar.gz") => {
  const output = join(state.env.HOME!, name);
  return createBackup({ ...placesOf(state), workspace, output, nowMs: NOW, signal });
};

export const restore = (
  state: StateFolder,
  file: string,
  options: { force?: boolean; originalPlaces?: boolean } = {},
) =>
  restoreBackup({
    ...placesOf(state),
    file,
    force: false,
    originalPlaces: false,
    ...options,
    nowMs: NOW,
    signal,
  });

export interface Raw {
  path: string;
  body: Buffer;
  type?: string;
  mode?: number;
  link?: string;
}

export const file = (path: string, body: string, rest: Partial<Raw> = {}): Raw => ({
  path,
  body: Buffer.from(body),
  ...rest,
});

/** A tar made by hand, so that it can be anything. */
export function pack(state: StateFolder, entries: readonly Raw[], end = Buffer.alloc(1024)): string {
  const blocks = entries.flatMap(({ path, body, type = "0", mode = 0o600, link = "" }) => {
    const block = Buffer.alloc(512);
    block.write(path.slice(0, 100));
    block.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
    block.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
    block.write(`${"0".repeat(11)}\0`, 136);
    block.write(" ".repeat(8), 148);
    block.write(type, 156);
    block.write(link, 157);
    block.write("ustar\u000000", 257);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [block, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  const path = join(state.env.HOME!, `made-${entries.length}-${Math.random().toString(36).slice(2)}.tar.gz`);
  writeFileSync(path, gzipSync(Buffer.concat([...blocks, end])));
  return path;
}

export async function contentsOf(archive: string): Promise<Raw[]> {
  const found: Raw[] = [];
  for await (const { path, kind, mode, content } of readTar(archive)) {
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk);
    if (path.length < 100)
      found.push({ path, body: Buffer.concat(chunks), type: kind === "folder" ? "5" : "0", mode });
  }
  const names = new Set(found.map(({ path }) => path));
  const manifest = found.at(-1)!;
  const { files, skipped } = JSON.parse(manifest.body.toString());
  manifest.body = Buffer.from(
    JSON.stringify({ files: files.filter((each: Raw) => names.has(each.path)), skipped }),
  );
  return found;
}

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { Fault } from "../../platform/fault.ts";
import {
  ABOUT,
  type About,
  CONFIG_ROOT,
  MANIFEST,
  type Manifest,
  parseAbout,
  parseManifest,
  STATE_ROOT,
} from "./archive.ts";
import { hostile } from "./tar-header.ts";
import { DEFAULT_LIMITS, type ReadEntry, readTar, type TarLimits } from "./tar-reader.ts";

export interface ReadBackup {
  about: About;
  manifest: Manifest;
  bytes: number;
}

/** Takes the content of an entry somewhere. Nothing of it counts before `readBackup` has returned. */
export type Unpack = (entry: Omit<ReadEntry, "content">, content: AsyncIterable<Buffer>) => Promise<void>;

const MAX_TEXT_BYTES = 256 * 1024 ** 2;

/** Reads every byte of a backup and compares it with the manifest. Throws `Fault` (1) for the first thing that differs. */
export async function readBackup(
  file: string,
  options: { limits?: TarLimits; unpack?: Unpack } = {},
): Promise<ReadBackup> {
  requireFile(file);
  let about: About | undefined;
  let manifest: Manifest | undefined;
  let bytes = 0;
  const found = new Map<string, { bytes: number; sha256: string }>();
  for await (const { content, ...entry } of readTar(file, options.limits ?? DEFAULT_LIMITS)) {
    if (manifest) throw hostile(`something follows after ${MANIFEST}`);
    if (!about) {
      if (entry.path !== ABOUT) throw hostile("it is no backup of openclaw");
      about = parseAbout(await textOf(content));
    } else if (entry.path === MANIFEST) {
      manifest = parseManifest(await textOf(content));
    } else {
      requireKnownRoot(entry.path, about);
      const sum = createHash("sha256");
      const hashed = hashing(content, sum);
      if (options.unpack) await options.unpack(entry, hashed);
      else for await (const _ of hashed);
      bytes += entry.bytes;
      if (entry.kind === "file") found.set(entry.path, { bytes: entry.bytes, sha256: sum.digest("hex") });
    }
  }
  if (!about || !manifest) throw hostile("it ends without its manifest");
  compare(manifest, found);
  return { about, manifest, bytes };
}

/** Only what the archive is; its first block is read and no more. */
export async function readAbout(file: string): Promise<About> {
  requireFile(file);
  for await (const { path, bytes, content } of readTar(file)) {
    if (path !== ABOUT || bytes > 65_536) break;
    return parseAbout(await textOf(content));
  }
  throw hostile("it is no backup of openclaw");
}

function compare(manifest: Manifest, found: ReadonlyMap<string, { bytes: number; sha256: string }>): void {
  for (const { path, bytes, sha256 } of manifest.files) {
    const there = found.get(path);
    if (!there) throw damaged(path, "is missing");
    if (there.bytes !== bytes || there.sha256 !== sha256) throw damaged(path, "is not what was saved");
  }
  if (manifest.files.length === found.size) return;
  const listed = new Set(manifest.files.map(({ path }) => path));
  throw damaged([...found.keys()].find((path) => !listed.has(path)) ?? "a file", "was put in afterwards");
}

function damaged(path: string, what: string): Fault {
  return new Fault(`the backup is damaged: ${path} ${what}`, {
    why: "Size or SHA-256 differ from the manifest. Nothing of it was used.",
    fix: "openclaw backup list",
  });
}

function requireKnownRoot(path: string, about: About): void {
  const root = path.split("/", 1)[0]!;
  if (root === STATE_ROOT || root === CONFIG_ROOT || Object.hasOwn(about.outside, root)) return;
  throw hostile(`${JSON.stringify(path.slice(0, 120))} belongs nowhere`);
}

async function* hashing(content: AsyncIterable<Buffer>, sum: { update(chunk: Buffer): unknown }) {
  for await (const chunk of content) {
    sum.update(chunk);
    yield chunk;
  }
}

async function textOf(content: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > MAX_TEXT_BYTES) throw hostile("its manifest is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function requireFile(file: string): void {
  if (existsSync(file)) return;
  throw new Fault(`there is no backup at ${file}`, { fix: "openclaw backup list" });
}

import { copyFileSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256Hex } from "../../platform/files.ts";
import { printable } from "../../platform/printable.ts";
import { GatewayError } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { GatewayServices } from "../services.ts";

/** A file as a request carries it: its bytes, or where it lies. */
export interface GivenFile {
  /** Base64. */
  buffer?: string | undefined;
  filename?: string | undefined;
  mediaUrl?: string | undefined;
  mediaUrls?: readonly string[] | undefined;
}

/** A failed message is kept for 30 days, and its file as long. */
const KEEP_MS = 31 * 86_400_000;

/**
 * A copy of the file that stays until its message is gone; undefined where none was given. A path is taken from the
 * workspaces of the agents only: who may send messages may not read this machine.
 */
export function keepFile(
  given: GivenFile,
  key: string,
  maxBytes: number,
  services: GatewayServices,
): string | undefined {
  const { buffer, mediaUrl, mediaUrls = [] } = given;
  const urls = [...(mediaUrl === undefined ? [] : [mediaUrl]), ...mediaUrls];
  if (urls.length + (buffer === undefined ? 0 : 1) > 1)
    throw refused("one message carries one file; send them one by one");
  if (buffer === undefined && urls.length === 0) return undefined;
  if (maxBytes === 0) throw refused("this channel takes no files");
  const root = join(services.paths.dataDir, "outgoing");
  const folder = join(root, sha256Hex(key).slice(0, 32));
  prune(root, services.clock.now());
  if (buffer !== undefined) return write(folder, nameOf(given.filename ?? "file"), bytesOf(buffer, maxBytes));
  const [url = ""] = urls;
  if (url.startsWith("data:"))
    return write(folder, nameOf(given.filename ?? "file"), bytesOf(dataOf(url), maxBytes));
  const path = inWorkspace(url, services);
  requireSize(statSync(path).size, maxBytes);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const copy = join(folder, nameOf(given.filename ?? basename(path)));
  copyFileSync(path, copy);
  return copy;
}

/** The platform has it, or will never get it. */
export function forgetFile(path: string | undefined, { paths }: GatewayServices): void {
  const root = join(paths.dataDir, "outgoing") + sep;
  if (path?.startsWith(root)) rmSync(join(path, ".."), { recursive: true, force: true });
}

function write(folder: string, name: string, bytes: Buffer): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  writeFileSync(path, bytes, { mode: 0o600 });
  return path;
}

function bytesOf(base64: string, maxBytes: number): Buffer {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(base64)) throw refused("buffer is not base64");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length === 0) throw refused("the file is empty");
  requireSize(bytes.length, Math.min(maxBytes, LIMITS.attachmentBytes));
  return bytes;
}

function dataOf(url: string): string {
  const [, base64] = /^data:[^,]{0,256};base64,(.*)$/s.exec(url) ?? [];
  if (base64 === undefined) throw refused("a data: address has to be base64");
  return base64;
}

function inWorkspace(url: string, { turns }: GatewayServices): string {
  if (/^[a-z][a-z+.-]*:\/\//i.test(url) && !url.startsWith("file://"))
    throw refused(
      "this gateway fetches no files from addresses; send the bytes (buffer), or a file of the workspace",
    );
  let path: string;
  try {
    path = realpathSync(url.startsWith("file://") ? fileURLToPath(url) : url);
  } catch {
    throw refused("there is no such file in a workspace of the gateway");
  }
  const inside = turns.agents().some(({ workspace }) => {
    try {
      return path.startsWith(realpathSync(workspace) + sep);
    } catch {
      return false;
    }
  });
  if (inside && statSync(path).isFile()) return path;
  throw refused("there is no such file in a workspace of the gateway");
}

function requireSize(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  const mb = (n: number) => `${(n / 1_048_576).toFixed(1)} MB`;
  throw refused(`the file has ${mb(bytes)}; at most ${mb(maxBytes)} can be sent there`);
}

function nameOf(given: string): string {
  const plain = printable(basename(given.replaceAll("\\", "/"))).replace(/^\.+/, "");
  return plain.slice(-128) || "file";
}

function refused(why: string): GatewayError {
  return new GatewayError("INVALID_REQUEST", why, { detail: "MEDIA_REFUSED" });
}

function prune(root: string, nowMs: number): void {
  for (const name of namesIn(root)) {
    const path = join(root, name);
    if (nowMs - statSync(path).mtimeMs > KEEP_MS) rmSync(path, { recursive: true, force: true });
  }
}

function namesIn(root: string): string[] {
  try {
    return readdirSync(root);
  } catch {
    return [];
  }
}

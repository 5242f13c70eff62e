import { Fault } from "../../platform/fault.ts";

/** The two kinds of entries a backup has. Every other kind of tar is refused: links, devices, sparse files, other headers. */
export type EntryKind = "file" | "folder";

export interface TarEntry {
  path: string;
  kind: EntryKind;
  bytes: number;
  /** The nine bits of permission. */
  mode: number;
  mtimeMs: number;
}

export const BLOCK = 512;
const NAME_BYTES = 100;
/** What a field of eleven octal digits holds. */
const MAX_OCTAL = 0o77777777777;
const FILE = "0";
const FOLDER = "5";
const EXTENDED = "x";
const MAX_PATH_BYTES = 4_096;
const MAX_SEGMENT_BYTES = 255;

/** One entry's header blocks, POSIX ustar; a path or size that does not fit goes into an extended header before it. */
export function printHeader(entry: TarEntry): Buffer {
  const path = entry.kind === "folder" ? `${entry.path}/` : entry.path;
  const records: string[] = [];
  if (Buffer.byteLength(path) > NAME_BYTES || !isAscii(path)) records.push(record("path", path));
  if (entry.bytes > MAX_OCTAL) records.push(record("size", String(entry.bytes)));
  const type = entry.kind === "folder" ? FOLDER : FILE;
  const block = header({ ...entry, path, type, bytes: Math.min(entry.bytes, MAX_OCTAL) });
  if (records.length === 0) return block;
  const extra = Buffer.from(records.join(""));
  const extended = header({ ...entry, path: "extended-header", type: EXTENDED, bytes: extra.length });
  return Buffer.concat([extended, extra, Buffer.alloc(padding(extra.length)), block]);
}

export function padding(bytes: number): number {
  return (BLOCK - (bytes % BLOCK)) % BLOCK;
}

/** What one block says. `extended`: its content describes the next entry. */
export type ReadHeader =
  | { kind: "end" }
  | { kind: "extended"; bytes: number }
  | { kind: "entry"; entry: TarEntry };

/** Throws `Fault` (1) for everything a backup does not have. */
export function readTarHeader(block: Buffer, extended: ReadonlyMap<string, string>): ReadHeader {
  if (block.every((byte) => byte === 0)) return { kind: "end" };
  if (octal(block, 148, 8) !== checksum(block)) throw hostile("a header has a wrong checksum");
  if (block.toString("latin1", 257, 262) !== "ustar") throw hostile("it is no POSIX tar");
  const type = String.fromCharCode(block[156] || FILE.charCodeAt(0));
  const bytes = extended.has("size") ? decimal(extended.get("size")!) : octal(block, 124, 12);
  if (type === EXTENDED) return { kind: "extended", bytes };
  const prefix = text(block, 345, 155);
  const name = text(block, 0, NAME_BYTES);
  const path = extended.get("path") ?? (prefix === "" ? name : `${prefix}/${name}`);
  if (type !== FILE && type !== FOLDER) {
    throw hostile(
      `${JSON.stringify(path.slice(0, 120))} is neither a file nor a folder (kind ${JSON.stringify(type)})`,
    );
  }
  const mode = octal(block, 100, 8);
  if ((mode & ~0o777) !== 0) throw hostile(`${JSON.stringify(path.slice(0, 120))} wants special rights`);
  const kind = type === FOLDER ? "folder" : "file";
  if (kind === "folder" && bytes !== 0) throw hostile("a folder has content");
  const mtimeMs = octal(block, 136, 12) * 1_000;
  return { kind: "entry", entry: { path: plainPath(path, kind), kind, bytes, mode, mtimeMs } };
}

/** The records of an extended header. Only path and size are known, so that nothing else takes effect unseen. */
export function readExtended(content: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : decimal(content.toString("latin1", at, blank));
    const end = at + length;
    if (!(end > blank && end <= content.length) || content[end - 1] !== 0x0a)
      throw hostile("an extended header is broken");
    const [, key, value] = /^([^=]+)=([\s\S]*)$/.exec(content.toString("utf8", blank + 1, end - 1)) ?? [];
    if (key !== "path" && key !== "size") throw hostile("an extended header says more than path and size");
    if (found.has(key)) throw hostile("an extended header says something twice");
    found.set(key, value!);
    at = end;
  }
  return found;
}

/** Only what stays below the folder it is unpacked in, on every system. */
function plainPath(path: string, kind: EntryKind): string {
  const plain = kind === "folder" ? path.replace(/\/$/, "") : path;
  const segments = plain.split("/");
  const isSafe =
    Buffer.byteLength(plain) <= MAX_PATH_BYTES &&
    !/[\\\x00-\x1f\x7f]/.test(plain) &&
    !/^[a-z]:/i.test(plain) &&
    segments.every(
      (each) => each !== "" && each !== "." && each !== ".." && Buffer.byteLength(each) <= MAX_SEGMENT_BYTES,
    );
  if (isSafe) return plain;
  throw hostile(`${JSON.stringify(path.slice(0, 120))} is no path below the archive`);
}

export function hostile(what: string): Fault {
  return new Fault(`the archive is refused: ${what}`, {
    why: "openclaw backup create writes nothing like it; it is damaged, or was made by somebody else. Nothing was unpacked.",
    fix: "openclaw backup list",
  });
}

function header({ path, type, bytes, mode, mtimeMs }: Omit<TarEntry, "kind"> & { type: string }): Buffer {
  const block = Buffer.alloc(BLOCK);
  // A longer name is in the extended header; what is here is for programs that cannot read that.
  block.write(
    isAscii(path) ? path.slice(0, NAME_BYTES) : path.replaceAll(/[^\x20-\x7e]/g, "_").slice(0, NAME_BYTES),
    0,
    "latin1",
  );
  block.write(digits(mode, 7), 100, "latin1");
  block.write(digits(0, 7), 108, "latin1");
  block.write(digits(0, 7), 116, "latin1");
  block.write(digits(bytes, 11), 124, "latin1");
  block.write(digits(Math.max(0, Math.floor(mtimeMs / 1_000)), 11), 136, "latin1");
  block.write(type, 156, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  block.write(`${digits(checksum(block), 6)}\0 `, 148, "latin1");
  return block;
}

function digits(value: number, width: number): string {
  return value.toString(8).padStart(width, "0");
}

/** The sum of the header's bytes, its own field counted as blanks. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function text(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString("utf8", at, end < 0 || end > at + length ? at + length : end);
}

function octal(block: Buffer, at: number, length: number): number {
  const digits = block
    .toString("latin1", at, at + length)
    .replace(/[\0 ]+$/, "")
    .trim();
  if (!/^[0-7]*$/.test(digits)) throw hostile("a header has a number that is none");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function decimal(digits: string): number {
  if (!/^\d{1,15}$/.test(digits)) throw hostile("a header has a number that is none");
  return Number(digits);
}

function isAscii(value: string): boolean {
  return /^[\x20-\x7e]*$/.test(value);
}

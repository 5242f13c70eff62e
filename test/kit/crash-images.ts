import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FsOp } from "./trace.ts";

/*
 * What a file system may look like after the power went, for a recorded series of operations. The model is weaker than
 * every journalling file system in use, so that what holds here holds there:
 *
 * - Nothing is on the disk before it is synced. Of a file's writes since its last sync any prefix may be there, or the
 *   new length with zeros, or zeros in front of a later part.
 * - Syncing a file makes its data durable, not its name. Syncing a folder makes the names in it durable: what was made,
 *   renamed and removed in it.
 * - Of the names that are not synced any may be there and any not, in whatever order they came about, except that a
 *   later change of one name does not come without the earlier ones. With a folder goes what is in it, synced or not.
 */

/** Files by path; a folder is `undefined`. */
export type Image = ReadonlyMap<string, Buffer | undefined>;

interface Inode {
  durable: Buffer;
  /** Everything since the last sync, as a whole. */
  pending: Buffer | undefined;
}

type Entry = Inode | "folder";

/** A change of the names in a folder; `undefined` is a name that goes. */
interface NameOp {
  changes: readonly (readonly [path: string, entry: Entry | undefined])[];
}

/** Places at which the writes to a file may have been cut; CRASH_CUTS makes it more. */
const CUTS = Number(process.env.CRASH_CUTS ?? 14);
/** 2^10 sets of names at one moment; there are rarely more than four. */
const MAX_PENDING = 10;

export function readImage(root: string): Image {
  const image = new Map<string, Buffer | undefined>([[root, undefined]]);
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    const path = join(root, name);
    image.set(path, statSync(path).isDirectory() ? undefined : readFileSync(path));
  }
  return image;
}

/** A folder that is made to look like one image after the other; only what differs is written. */
export function openImageFolder(root: string) {
  let shown: Image = new Map();
  return {
    show(image: Image): void {
      if (shown.size === 0) rmSync(root, { recursive: true, force: true });
      for (const path of shown.keys()) if (!image.has(path)) rmSync(path, { recursive: true, force: true });
      for (const [path, data] of [...image].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (data === undefined) mkdirSync(path, { recursive: true });
        else if (shown.get(path)?.equals(data) !== true) writeFileSync(path, data);
      }
      shown = image;
    },
    /** Somebody has written into it. */
    forget(): void {
      shown = new Map();
    },
  };
}

/** Every image of the folder `root` that a crash during or right after these operations may leave, each once. */
export function* crashImages(root: string, before: Image, ops: readonly FsOp[]): Iterable<Image> {
  const seen = new Set<string>();
  const disk = openDisk(root, before);
  for (let at = 0; at <= ops.length; at++) {
    for (const image of disk.images()) {
      const print = fingerprint(image);
      if (seen.has(print)) continue;
      seen.add(print);
      yield image;
    }
    if (at < ops.length) disk.apply(ops[at]!);
  }
}

function fingerprint(image: Image): string {
  return [...image]
    .map(([path, data]) => `${path} ${data?.toString("latin1") ?? "/"}`)
    .sort()
    .join("\n");
}

function openDisk(root: string, before: Image) {
  /** As the running program sees them. */
  const names = new Map<string, Entry>();
  /** As they are on the disk for sure. */
  const durable = new Map<string, Entry>();
  let pending: NameOp[] = [];
  for (const [path, data] of before) {
    const entry: Entry = data === undefined ? "folder" : { durable: data, pending: undefined };
    names.set(path, entry);
    durable.set(path, entry);
  }

  function change(changes: NameOp["changes"]): void {
    put(names, changes);
    pending.push({ changes });
  }

  function inodeAt(path: string): Inode {
    const entry = names.get(path);
    if (entry === undefined || entry === "folder") throw new Error(`no file: ${path}`);
    return entry;
  }

  function apply(op: FsOp): void {
    switch (op.kind) {
      case "open":
        if (op.creates && !names.has(op.path)) {
          change([[op.path, { durable: Buffer.alloc(0), pending: undefined }]]);
        } else if (op.truncates) inodeAt(op.path).pending = Buffer.alloc(0);
        return;
      case "write": {
        const inode = inodeAt(op.path);
        const old = inode.pending ?? inode.durable;
        const offset = op.offset ?? old.length;
        const now = Buffer.alloc(Math.max(old.length, offset + op.data.length));
        old.copy(now);
        op.data.copy(now, offset);
        inode.pending = now;
        return;
      }
      case "truncate": {
        const inode = inodeAt(op.path);
        const now = Buffer.alloc(op.length);
        (inode.pending ?? inode.durable).copy(now);
        inode.pending = now;
        return;
      }
      case "sync":
        sync(op.path);
        return;
      case "rename":
        change([
          [op.path, undefined],
          [op.to, names.get(op.path)],
        ]);
        return;
      case "unlink":
        change([[op.path, undefined]]);
        return;
      case "mkdir":
        change([[op.path, "folder"]]);
    }
  }

  function sync(path: string): void {
    const entry = names.get(path);
    if (entry !== undefined && entry !== "folder") {
      entry.durable = entry.pending ?? entry.durable;
      entry.pending = undefined;
      return;
    }
    const isIn = ({ changes }: NameOp) => changes.some(([name]) => dirname(name) === path);
    for (const op of pending.filter(isIn)) put(durable, op.changes);
    pending = pending.filter((op) => !isIn(op));
  }

  function* images(): Iterable<Image> {
    if (pending.length > MAX_PENDING) throw new Error(`${pending.length} names are not synced`);
    for (let mask = 0; mask < 1 << pending.length; mask++) {
      const chosen = pending.filter((_, i) => mask & (1 << i));
      if (!isLegal(pending, chosen)) continue;
      const found = new Map(durable);
      for (const { changes } of chosen) put(found, changes);
      yield* withData(reachable(found, root));
    }
  }

  return { apply, images };
}

/** With a folder goes what is in it. */
function reachable(found: ReadonlyMap<string, Entry>, root: string): (readonly [string, Entry])[] {
  const isThere = (path: string): boolean => found.has(path) && (path === root || isThere(dirname(path)));
  return [...found].filter(([path]) => isThere(path));
}

function put(names: Map<string, Entry>, changes: NameOp["changes"]): void {
  for (const [path, entry] of changes) {
    if (entry === undefined) names.delete(path);
    else names.set(path, entry);
  }
}

/** A later change of one name does not come without the earlier ones. */
function isLegal(pending: readonly NameOp[], chosen: readonly NameOp[]): boolean {
  return chosen.every((op) => {
    const paths = op.changes.map(([path]) => path);
    const earlier = pending.slice(0, pending.indexOf(op));
    return earlier.every(
      (other) => chosen.includes(other) || !other.changes.some(([path]) => paths.includes(path)),
    );
  });
}

/**
 * The names with what may be in their files. One file at a time in every state there is; of the others that are not
 * synced either everything is there or nothing, since files do not know of each other.
 */
function* withData(entries: readonly (readonly [string, Entry])[]): Iterable<Image> {
  const unsynced = entries.flatMap(([path, entry]) => (entry !== "folder" && entry.pending ? [path] : []));
  for (const focus of unsynced.length > 0 ? unsynced : [undefined]) {
    yield* combined(entries, (path, inode) => (path === focus ? contentsOf(inode) : extremesOf(inode)));
  }
}

function* combined(
  entries: readonly (readonly [string, Entry])[],
  contents: (path: string, inode: Inode) => readonly Buffer[],
): Iterable<Image> {
  const [first, ...rest] = entries;
  if (!first) {
    yield new Map();
    return;
  }
  const [path, entry] = first;
  for (const tail of combined(rest, contents)) {
    for (const data of entry === "folder" ? [undefined] : contents(path, entry)) {
      yield new Map([[path, data], ...tail]);
    }
  }
}

function extremesOf({ durable, pending }: Inode): Buffer[] {
  return pending ? [durable, pending] : [durable];
}

function contentsOf({ durable, pending }: Inode): Buffer[] {
  if (!pending) return [durable];
  const { length } = pending;
  const cuts = Array.from({ length: CUTS }, (_, i) => Math.floor((length * i) / CUTS));
  const middle = Math.floor(length / 2);
  const zerosFirst = Buffer.concat([Buffer.alloc(middle), pending.subarray(middle)]);
  return [durable, ...cuts.map((cut) => pending.subarray(0, cut)), Buffer.alloc(length), zerosFirst, pending];
}

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { BLOCK, hostile, padding, readExtended, readTarHeader, type TarEntry } from "./tar-header.ts";

export interface TarLimits {
  maxEntries: number;
  /** Of all files together, unpacked. */
  maxBytes: number;
}

export const DEFAULT_LIMITS: TarLimits = { maxEntries: 500_000, maxBytes: 64 * 1024 ** 3 };

/** What a bomb exceeds and no folder does, once the first part has been read. */
const MAX_RATIO = 400;
const RATIO_FROM_BYTES = 64 * 1024 ** 2;
const MAX_EXTENDED_BYTES = 65_536;

export interface ReadEntry extends TarEntry {
  /** Has to be read to its end before the next entry is asked for. */
  content: AsyncIterable<Buffer>;
}

/**
 * The entries of a compressed tar, as they come. Whatever is not as `backup create` writes it throws a Fault (1), and so
 * does an archive that ends too early or is larger than the limits.
 */
export async function* readTar(file: string, limits: TarLimits = DEFAULT_LIMITS): AsyncGenerator<ReadEntry> {
  const packedBytes = (await stat(file)).size;
  const source = createReadStream(file);
  const unpacked = source.on("error", (error) => unpacked.destroy(error)).pipe(createGunzip());
  try {
    yield* entriesOf(byteReader(unpacked, file), limits, packedBytes);
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

async function* entriesOf(
  bytes: ByteReader,
  limits: TarLimits,
  packedBytes: number,
): AsyncGenerator<ReadEntry> {
  const seen = new Map<string, TarEntry["kind"]>();
  let total = 0;
  let extended = new Map<string, string>();
  for (;;) {
    const found = readTarHeader(await bytes.exactly(BLOCK), extended);
    if (found.kind === "end") {
      if (extended.size > 0) throw hostile("an extended header describes nothing");
      await requireEnd(bytes);
      return;
    }
    if (found.kind === "extended") {
      if (extended.size > 0 || found.bytes > MAX_EXTENDED_BYTES)
        throw hostile("an extended header is too large");
      extended = readExtended(await bytes.exactly(found.bytes));
      await bytes.exactly(padding(found.bytes));
      continue;
    }
    extended = new Map();
    const { entry } = found;
    remember(entry, seen);
    total += entry.bytes;
    if (seen.size > limits.maxEntries) throw hostile(`it has more than ${limits.maxEntries} entries`);
    if (total > limits.maxBytes) throw hostile(`unpacked it has more than ${limits.maxBytes} bytes`);
    if (total > RATIO_FROM_BYTES && total > packedBytes * MAX_RATIO)
      throw hostile("unpacked it is more than four hundred times as large");
    let left = entry.bytes;
    const content = (async function* () {
      for (; left > 0; ) {
        const chunk = await bytes.some(left);
        left -= chunk.length;
        yield chunk;
      }
    })();
    yield { ...entry, content };
    if (left > 0) throw new Error("an entry was not read to its end");
    await bytes.exactly(padding(entry.bytes));
  }
}

/** Twice the same path, also on a disk that takes upper and lower case for the same, and files that are folders too. */
function remember({ path, kind }: TarEntry, seen: Map<string, TarEntry["kind"]>): void {
  const key = path.normalize("NFC").toLowerCase();
  if (seen.has(key)) throw hostile(`${JSON.stringify(path.slice(0, 120))} is in it twice`);
  for (let at = key.indexOf("/"); at >= 0; at = key.indexOf("/", at + 1))
    if (seen.get(key.slice(0, at)) === "file")
      throw hostile(`${JSON.stringify(path.slice(0, 120))} lies in a file`);
  seen.set(key, kind);
}

async function requireEnd(bytes: ByteReader): Promise<void> {
  for (let blocks = 0; ; blocks++) {
    const chunk = await bytes.upTo(BLOCK);
    if (chunk.length === 0 && blocks > 0) return;
    if (chunk.length < BLOCK) throw hostile("it ends in the middle");
    if (chunk.some((byte) => byte !== 0)) throw hostile("something follows after its end");
  }
}

interface ByteReader {
  exactly(count: number): Promise<Buffer>;
  /** At least one byte, at most `max`. */
  some(max: number): Promise<Buffer>;
  /** Fewer only at the end. */
  upTo(count: number): Promise<Buffer>;
}

function byteReader(source: AsyncIterable<Buffer>, file: string): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);

  async function fill(): Promise<boolean> {
    if (rest.length > 0) return true;
    const next = await chunks.next().catch((error: unknown) => {
      throw asFault(error, file);
    });
    if (next.done) return false;
    rest = next.value;
    return rest.length > 0 || fill();
  }

  function take(max: number): Buffer {
    const taken = rest.subarray(0, max);
    rest = rest.subarray(taken.length);
    return taken;
  }

  async function upTo(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = count; left > 0 && (await fill()); ) {
      const part = take(left);
      left -= part.length;
      parts.push(part);
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  return {
    upTo,
    async exactly(count) {
      const found = await upTo(count);
      if (found.length < count) throw hostile("it ends in the middle");
      return found;
    },
    async some(max) {
      if (!(await fill())) throw hostile("it ends in the middle");
      return take(max);
    },
  };
}

function asFault(error: unknown, file: string): unknown {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (/^Z_|^ERR_ZLIB|unexpected end of file/.test(`${code} ${message}`))
    return hostile(`${file}: ${message}`);
  return error;
}

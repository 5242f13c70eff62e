import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  /** A relative path with `/`; no folder entries are needed. */
  name: string;
  data: Buffer;
}

const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
/** Version 2.0: deflate. Made by Unix, so that the mode counts. */
const NEEDED = 20;
const MADE_BY = (3 << 8) | NEEDED;
const UTF8_NAMES = 0x0800;
const DEFLATE = 8;
/** A regular file, 0600. */
const ATTRIBUTES = 0o100600 * 0x10000;

/** A ZIP file (APPNOTE 6.3) as one piece; for a few files that are in memory anyway, below 4 GB. */
export function zip(entries: readonly ZipEntry[], at: Date): Buffer {
  const stamp = dosTime(at);
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of entries) {
    const packed = deflateRawSync(data, { level: 9 });
    const encoded = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(NEEDED, 0);
    shared.writeUInt16LE(UTF8_NAMES, 2);
    shared.writeUInt16LE(DEFLATE, 4);
    shared.writeUInt32LE(stamp, 6);
    shared.writeUInt32LE(crc32(data), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(data.length, 18);
    shared.writeUInt16LE(encoded.length, 22);
    const local = Buffer.concat([uint32(LOCAL_SIGNATURE), shared, encoded, packed]);
    // Behind the shared part: no comment, first disk, no internal attributes.
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(ATTRIBUTES, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([uint32(CENTRAL_SIGNATURE), uint16(MADE_BY), shared, rest, encoded]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, uint32(END_SIGNATURE), end]);
}

/** Seconds count by two; local time, as the format wants it. */
function dosTime(at: Date): number {
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
  const day = ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
  return day * 0x10000 + time;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

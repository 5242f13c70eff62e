import { crc32, deflateSync } from "node:zlib";
import { encode, renderUnicodeCompact } from "uqr";

/** For a terminal, two modules to a line; dark on light whatever the terminal's colours are. */
export function qrText(text: string): string {
  return renderUnicodeCompact(text, { border: 2 });
}

const PIXELS = 6;
const QUIET_ZONE = 4;

/** A PNG of one bit per pixel, large enough for a camera. */
export function qrPng(text: string): Buffer {
  const { data, size } = encode(text, { border: QUIET_ZONE });
  const side = size * PIXELS;
  const rowBytes = Math.ceil(side / 8);
  const rows: Buffer[] = [];
  for (const modules of data) {
    // The first byte of a row says that it is not filtered.
    const row = Buffer.alloc(1 + rowBytes, 0xff);
    row[0] = 0;
    for (let x = 0; x < side; x++) {
      if (modules[Math.floor(x / PIXELS)]) row[1 + (x >> 3)]! &= ~(0x80 >> (x & 7));
    }
    for (let copy = 0; copy < PIXELS; copy++) rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

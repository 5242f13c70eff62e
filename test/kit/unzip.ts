import { crc32, inflateRawSync } from "node:zlib";

/** The files of a ZIP archive by its central directory, each checked against its size and CRC. */
export function unzip(archive: Buffer): Map<string, { data: Buffer; mode: number }> {
  const end = archive.lastIndexOf(Buffer.from("PK\u0005\u0006"));
  if (end === -1) throw new Error("no end of central directory");
  const files = new Map<string, { data: Buffer; mode: number }>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== 0x02014b50) throw new Error("not a central directory entry");
    const [packed, size] = [archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 24)];
    const [nameBytes, extra, comment] = [28, 30, 32].map((place) => archive.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString("utf8", at + 46, at + 46 + nameBytes);
    if (archive.readUInt32LE(local) !== 0x04034b50) throw new Error("not a local header");
    const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const data = inflateRawSync(archive.subarray(begin, begin + packed));
    if (data.length !== size || crc32(data) !== archive.readUInt32LE(at + 16))
      throw new Error(`${name} is damaged`);
    files.set(name, { data, mode: archive.readUInt32LE(at + 38) >>> 16 });
    at += 46 + nameBytes + extra + comment;
  }
  if (at !== end) throw new Error("the central directory does not end where it says");
  return files;
}

/**
 * At most `maxBytes` of UTF-8: the beginning and the end are kept, the middle gives way to a notice.
 * A cut never splits a character.
 */
export function capMiddle(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text);
  const reserved = 64;
  const half = Math.floor((maxBytes - reserved) / 2);
  const headEnd = characterStart(bytes, half);
  const tailStart = characterStart(bytes, bytes.length - half);
  const left = tailStart - headEnd;
  const head = bytes.toString("utf8", 0, headEnd);
  return `${head}\n[… ${left} bytes left out …]\n${bytes.toString("utf8", tailStart)}`;
}

/** The nearest position at or before `index` where a character begins. */
function characterStart(bytes: Buffer, index: number): number {
  let start = index;
  while (start > 0 && (bytes[start]! & 0xc0) === 0x80) start--;
  return start;
}

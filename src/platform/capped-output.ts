/** Text that grows without its memory growing: beyond the cap the middle is left out, because errors stand at the end. */
export interface CappedOutput {
  append(chunk: string): void;
  /** True once something was left out. */
  isCut(): boolean;
  text(): string;
}

/** `maxBytes` of UTF-8, the notice in the middle not counted. */
export function createCappedOutput(maxBytes: number): CappedOutput {
  const headBytes = Math.ceil(maxBytes / 2);
  const tailBytes = maxBytes - headBytes;
  const head: Buffer[] = [];
  let headLeft = headBytes;
  let tail: Buffer = Buffer.alloc(0);
  let leftOutBytes = 0;

  return {
    append(chunk) {
      const bytes = Buffer.from(chunk);
      if (headLeft > 0) head.push(bytes.subarray(0, headLeft));
      tail = Buffer.concat([tail, bytes.subarray(Math.min(headLeft, bytes.length))]);
      headLeft = Math.max(headLeft - bytes.length, 0);
      const excess = tail.length - tailBytes;
      if (excess <= 0) return;
      leftOutBytes += excess;
      tail = tail.subarray(excess);
    },
    isCut: () => leftOutBytes > 0,
    text() {
      if (leftOutBytes === 0) return Buffer.concat([...head, tail]).toString();
      const notice = `\n[… ${leftOutBytes} bytes left out …]\n`;
      return trimEnd(Buffer.concat(head)) + notice + trimStart(tail);
    },
  };
}

/** A cut may have gone through a character; its half is dropped. */
function trimEnd(bytes: Buffer): string {
  return bytes.toString().replace(/\ufffd+$/, "");
}

function trimStart(bytes: Buffer): string {
  return bytes.toString().replace(/^\ufffd+/, "");
}

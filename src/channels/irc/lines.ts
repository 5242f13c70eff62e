import { isUtf8 } from "node:buffer";
import { ChannelFault } from "../channel.ts";

/** 8,191 bytes of tags and 512 of text are what the protocol allows. */
const MAX_LINE_BYTES = 16_384;
const LF = 10;

/** Hands on whole lines without their ends; throws when one does not end. What is no UTF-8 is read as Latin-1. */
export function splitLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF)) {
      const line = bytes.subarray(0, end);
      bytes = bytes.subarray(end + 1);
      if (line.length > MAX_LINE_BYTES) break;
      const text = line.toString(isUtf8(line) ? "utf8" : "latin1").replace(/[\r\0]+/g, "");
      if (text !== "") onLine(text);
    }
    // A copy: a view would keep the whole chunk.
    rest = Buffer.from(bytes);
    if (rest.length > MAX_LINE_BYTES)
      throw new ChannelFault("protocol", "the server sent a line without an end");
  };
}

/** UTF-8, of one answer; together with a notice it stays below the 64 KiB that a tool result may hold. */
const MAX_BYTES = 63 * 1024;

export interface TakenLines {
  text: string;
  /** First line left out, from 1; undefined when the end was reached. */
  next?: number;
}

/**
 * Lines `offset` to `offset + limit - 1` of a text that arrives in pieces, without holding the rest. The last line
 * is cut when it alone is longer than an answer may be.
 */
export async function takeLines(
  pieces: AsyncIterable<string>,
  offset: number,
  limit: number,
): Promise<TakenLines> {
  let text = "";
  let room = MAX_BYTES;
  let line = 1;
  for await (const piece of pieces) {
    let at = 0;
    while (at < piece.length) {
      const newline = piece.indexOf("\n", at);
      const end = newline < 0 ? piece.length : newline + 1;
      if (line >= offset + limit) return { text, next: line };
      if (line >= offset) {
        const part = piece.slice(at, end);
        const bytes = Buffer.byteLength(part);
        if (bytes > room) return overfull(text, part, room, line);
        text += part;
        room -= bytes;
      }
      if (newline >= 0) line++;
      at = end;
    }
  }
  return { text };
}

/** Back to the last whole line, where there is one. */
function overfull(text: string, part: string, room: number, line: number): TakenLines {
  const lastNewline = text.lastIndexOf("\n");
  if (lastNewline >= 0) return { text: text.slice(0, lastNewline + 1), next: line };
  return { text: text + part.slice(0, Math.floor(room / 3)), next: line + 1 };
}

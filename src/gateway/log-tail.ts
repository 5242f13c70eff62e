import { closeSync, openSync, readSync, statSync } from "node:fs";

export interface LogTailQuery {
  file: string;
  /** "<inode>:<offset>" of an earlier answer. */
  cursor: string | undefined;
  /** Lines. */
  limit: number;
  maxBytes: number;
}

export interface LogTail {
  file: string;
  cursor: string;
  size: number;
  lines: string[];
  /** Older lines were left out to stay within the limits. */
  truncated: boolean;
  /** The cursor belonged to another file: the log was rotated. */
  reset: boolean;
}

/** Whole lines behind the cursor, or the newest ones where there is none. */
export function tailLog({ file, cursor, limit, maxBytes }: LogTailQuery): LogTail {
  const { ino, size } = statSync(file);
  const known = /^(\d+):(\d+)$/.exec(cursor ?? "");
  const sameFile = known !== null && known[1] === String(ino) && Number(known[2]) <= size;
  const wanted = sameFile ? Number(known[2]) : 0;
  const from = Math.max(wanted, size - maxBytes);

  const chunk = readRange(file, from, size);
  // The first line may be cut in half when the start was moved; the last one may still be being written.
  const begin = from > wanted ? chunk.indexOf(0x0a) + 1 : 0;
  const end = chunk.lastIndexOf(0x0a) + 1;
  const all = end > begin ? chunk.toString("utf8", begin, end - 1).split("\n") : [];
  const lines = all.slice(-limit);
  return {
    file,
    cursor: `${ino}:${from + Math.max(end, begin)}`,
    size,
    lines,
    truncated: from > wanted || all.length > limit,
    reset: cursor !== undefined && !sameFile,
  };
}

function readRange(file: string, from: number, to: number): Buffer {
  const buffer = Buffer.alloc(to - from);
  const fd = openSync(file, "r");
  try {
    const read = readSync(fd, buffer, 0, buffer.length, from);
    return buffer.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}

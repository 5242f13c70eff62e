import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { readRange } from "../platform/files.ts";

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
  const current = statSync(file);
  const known = /^(\d+):(\d+)$/.exec(cursor ?? "");
  const place = known ? { ino: known[1]!, offset: Number(known[2]) } : undefined;
  if (place && place.ino !== String(current.ino)) {
    const rest = restOfRotated(file, place, { limit, maxBytes });
    // The rest of yesterday first; the next call begins today's file.
    if (rest && rest.lines.length > 0) {
      return { ...rest, file, size: current.size, cursor: `${current.ino}:0`, reset: false };
    }
    const fresh = readLines(file, rest ? 0 : undefined, { limit, maxBytes });
    return { ...fresh, file, reset: rest === undefined };
  }
  const wanted = place && place.offset <= current.size ? place.offset : undefined;
  return {
    ...readLines(file, wanted, { limit, maxBytes }),
    file,
    reset: cursor !== undefined && wanted === undefined,
  };
}

type Bounds = Pick<LogTailQuery, "limit" | "maxBytes">;
type Lines = Omit<LogTail, "file" | "reset">;

/** A rotated file keeps its inode under another name; undefined once it was deleted. */
function restOfRotated(
  file: string,
  { ino, offset }: { ino: string; offset: number },
  bounds: Bounds,
): Lines | undefined {
  const folder = dirname(file);
  const old = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => String(statSync(path, { throwIfNoEntry: false })?.ino) === ino);
  return old === undefined ? undefined : readLines(old, offset, bounds);
}

function readLines(file: string, wanted: number | undefined, { limit, maxBytes }: Bounds): Lines {
  const { ino, size } = statSync(file);
  const start = wanted ?? 0;
  const from = Math.max(start, size - maxBytes);
  const chunk = readRange(file, from, size);
  // The first line may be cut in half when the start was moved; the last one may still be being written.
  const begin = from > start ? chunk.indexOf(0x0a) + 1 : 0;
  const end = chunk.lastIndexOf(0x0a) + 1;
  const all = end > begin ? chunk.toString("utf8", begin, end - 1).split("\n") : [];
  return {
    cursor: `${ino}:${from + Math.max(end, begin)}`,
    size,
    lines: all.slice(-limit),
    truncated: from > start || all.length > limit,
  };
}

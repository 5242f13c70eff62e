import { statSync } from "node:fs";
import { readRange } from "../platform/files.ts";
import { ConnectionError, type GatewayConnection } from "../protocol/client.ts";
import { logFiles } from "./log-files.ts";

/** Somewhere log lines come from: the gateway while it answers, else the files it left. */
export interface LogSource {
  /** For a notice to the reader. */
  name: string;
  /** The newest lines, oldest first. `next` goes on behind them. Undefined when the source is gone. */
  newest(limit: number): Promise<string[] | undefined>;
  /** What has come since. Undefined when the source is gone. */
  next(): Promise<string[] | undefined>;
}

/** The most that is read at once; a gateway that writes more within a second is not followed by eye. */
const MAX_BYTES = 1_000_000;
export const MAX_LINES = 5_000;

interface Tail {
  cursor: string | number;
  lines: string[];
}

export function gatewaySource(
  connection: GatewayConnection,
  { timeoutMs, maxBytes = MAX_BYTES }: { timeoutMs: number; maxBytes?: number },
): LogSource {
  let cursor: Tail["cursor"] | undefined;

  async function tail(params: object): Promise<string[] | undefined> {
    try {
      const answer = await connection.call<Tail>("logs.tail", { maxBytes, ...params }, { timeoutMs });
      cursor = answer.cursor;
      return answer.lines;
    } catch (error) {
      if (error instanceof ConnectionError) return undefined;
      throw error;
    }
  }

  return {
    name: "the gateway",
    newest: (limit) => tail({ limit }),
    next: () => tail({ limit: MAX_LINES, ...(cursor !== undefined && { cursor }) }),
  };
}

/** Reads the files themselves, across rotation by day and by size. */
export function fileSource(logsDir: string, maxBytes = MAX_BYTES): LogSource {
  let current: { file: string; offset: number } | undefined;

  function follow(file: string, from: number): string[] {
    const { lines, end } = readLines(file, from);
    current = { file, offset: end };
    return lines;
  }

  return {
    name: logsDir,
    async newest(limit) {
      const lines: string[] = [];
      for (const file of logFiles(logsDir).reverse()) {
        const { size } = statSync(file);
        const read = readLines(file, Math.max(0, size - maxBytes));
        current ??= { file, offset: read.end };
        lines.unshift(...read.lines);
        if (lines.length >= limit || size > maxBytes) break;
      }
      return lines.slice(-limit);
    },
    async next() {
      const files = logFiles(logsDir);
      const at = current ? files.indexOf(current.file) : -1;
      const lines = at === -1 ? [] : follow(current!.file, current!.offset);
      for (const file of files.slice(at + 1)) lines.push(...follow(file, 0));
      return lines;
    },
  };
}

/** Whole lines from an offset on. One cut in half by the offset is left out, one still being written comes later. */
function readLines(file: string, from: number): { lines: string[]; end: number } {
  const { size } = statSync(file);
  const start = from > size ? 0 : from;
  const chunk = readRange(file, Math.max(0, start - 1), size);
  const begin = start === 0 ? 0 : chunk.indexOf(0x0a) + 1;
  const end = chunk.lastIndexOf(0x0a) + 1;
  if (end <= begin) return { lines: [], end: start };
  return { lines: chunk.toString("utf8", begin, end - 1).split("\n"), end: Math.max(0, start - 1) + end };
}

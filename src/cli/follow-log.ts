import { setTimeout as sleep } from "node:timers/promises";
import type { LogSource } from "./log-source.ts";

export interface FollowInput {
  /** The gateway's own source, when it answers. */
  connect(): Promise<LogSource | undefined>;
  /** Read while the gateway does not answer; undefined where its files are on another machine. */
  files: LogSource | undefined;
  /** Lines to begin with. */
  limit: number;
  follow: boolean;
  signal: AbortSignal;
  /** Told when lines come from somewhere else than before. */
  onSource(name: string): void;
  pollMs?: number;
}

const POLL_MS = 1_000;
/** After a change of source: enough to find the last line that was shown. */
const OVERLAP_LINES = 2_000;

/** Batches of raw log lines, oldest first. Without `follow` there is one; with it they end with the signal. */
export async function* followLog(input: FollowInput): AsyncGenerator<readonly string[]> {
  const { connect, files, limit, follow, signal, onSource, pollMs = POLL_MS } = input;
  let source = await connect();
  let lines = (await source?.newest(limit)) ?? (await files?.newest(limit)) ?? [];
  source ??= files;
  if (source) onSource(source.name);
  let last = lines.at(-1);
  yield lines;

  while (follow && !signal.aborted) {
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const live = source === files ? await connect() : undefined;
    const next: LogSource | undefined = live ?? source;
    const fresh = next === source ? await source?.next() : await newerThan(next!, last);
    if (fresh === undefined) {
      source = files;
      if (files) onSource(files.name);
      lines = files ? await newerThan(files, last) : [];
    } else {
      if (next !== source) onSource(next!.name);
      source = next;
      lines = fresh;
    }
    last = lines.at(-1) ?? last;
    yield lines;
  }
}

async function newerThan(source: LogSource, last: string | undefined): Promise<string[]> {
  const lines = (await source.newest(OVERLAP_LINES)) ?? [];
  return last === undefined ? lines : lines.slice(lines.lastIndexOf(last) + 1);
}

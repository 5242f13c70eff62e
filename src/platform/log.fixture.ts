import { mkdtempDisposableSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { type LogOptions, openLog } from "./log.ts";

/** Local noon: the names of the files follow the local date. */
export const NOON = new Date(2026, 0, 5, 12).getTime();
export const DAY_MS = 86_400_000;

/** A log in a folder of its own and what it shows. */
export function openTempLog<Hand extends Clock>(clock: Hand, options: Partial<LogOptions>) {
  const temp = mkdtempDisposableSync(join(tmpdir(), "openclaw-log-"));
  const shown: string[] = [];
  const console = { write: (line: string) => void shown.push(line), color: false };
  const sink = openLog({ dir: temp.path, level: "info", clock, console, ...options });
  return {
    dir: temp.path,
    clock,
    shown,
    sink,
    log: sink.log,
    /** The bytes of the current file, as they are. */
    text() {
      sink.flush();
      return readFileSync(sink.file(), "utf8");
    },
    files: () => readdirSync(temp.path).sort(),
    /** All lines of one file, parsed. */
    lines(name = readdirSync(temp.path).sort()[0]!) {
      sink.flush();
      const text = readFileSync(join(temp.path, name), "utf8");
      return text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]();
      temp.remove();
    },
  };
}

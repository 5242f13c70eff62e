import { readdirSync } from "node:fs";
import { join } from "node:path";

const LOG_FILE = /^gateway-(\d{4}-\d{2}-\d{2})(?:\.(\d+))?\.log$/;

/** The gateway's log files of a state folder, oldest first: by day, and within a day by number. */
export function logFiles(logsDir: string): string[] {
  let names: string[];
  try {
    names = readdirSync(logsDir);
  } catch {
    return [];
  }
  return names
    .map((name) => ({ name, found: LOG_FILE.exec(name) }))
    .filter(({ found }) => found !== null)
    .sort((a, b) => compare(a.found!, b.found!))
    .map(({ name }) => join(logsDir, name));
}

function compare([, dayA, numberA = "0"]: RegExpExecArray, [, dayB, numberB = "0"]: RegExpExecArray): number {
  return dayA! < dayB! ? -1 : dayA! > dayB! ? 1 : Number(numberA) - Number(numberB);
}

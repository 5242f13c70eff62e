import { closeSync, constants, openSync, readSync } from "node:fs";

/** One record at most; the kernel cuts longer ones itself. */
const RECORD_BYTES = 8_192;
/** More than any ring of messages holds. */
const MAX_RECORDS = 50_000;

/**
 * The lines of the kernel's messages that tell of a process that was ended, oldest first. Undefined where there are
 * no such messages or this user may not see them.
 */
export function readKernelLog(file = "/dev/kmsg"): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  const buffer = Buffer.alloc(RECORD_BYTES);
  const lines: string[] = [];
  try {
    for (let count = 0; count < MAX_RECORDS; count++) {
      const length = readRecord(fd, buffer);
      if (length === 0) break;
      const text = messageOf(buffer.toString("utf8", 0, Math.max(0, length)));
      if (/Killed process|segfault at|\bsig=\d/.test(text)) lines.push(text);
    }
    return lines.join("\n");
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** 0 at the end, -1 for a record that was overwritten before it could be read. */
function readRecord(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN") return 0;
    if (code === "EPIPE") return -1;
    throw error;
  }
}

/** `6,339,5140900,-;text`, then lines with details that begin with a blank. */
function messageOf(record: string): string {
  return record.slice(record.indexOf(";") + 1).split("\n", 1)[0]!;
}

import { readFileSync } from "node:fs";
import { Fault } from "../platform/fault.ts";
import { storageFault } from "../platform/storage-fault.ts";

/** As much as a config file may have. */
const MAX_BYTES = 4_000_000;

/** The text of a file, or of stdin for "-". Throws `Fault` (1) for one that is not there or larger than 4 MB. */
export async function readInput(file: string): Promise<string> {
  const text = file === "-" ? await readStdin() : readNamed(file);
  if (Buffer.byteLength(text) <= MAX_BYTES) return text;
  throw new Fault(`${file === "-" ? "stdin" : file} is larger than ${MAX_BYTES / 1_000_000} MB`);
}

function readNamed(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw (
      storageFault({ error, path: file, ours: file }) ??
      new Fault(`${file} cannot be read: ${(error as Error).message}`, { cause: error })
    );
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { TextDecoder as Decoder } from "node:util";
import * as v from "valibot";
import { defineTool } from "../agent/tool.ts";
import { openJail } from "./jail.ts";
import { takeLines } from "./lines.ts";

const CHUNK_BYTES = 64 * 1024;

export default defineTool({
  name: "read",
  description: "Read a text file. Long files come in parts: go on with offset.",
  title: ({ path }) => `read ${path}`,
  kind: "file",
  effect: "none",
  input: v.object({
    path: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
    offset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)), 100_000),
  }),
  parameters: {
    type: "object",
    properties: {
      path: { type: "string", description: "relative to the workspace" },
      offset: { type: "integer", minimum: 1, description: "first line, from 1" },
      limit: { type: "integer", minimum: 1, description: "number of lines" },
    },
    required: ["path"],
  },
  async run({ path, offset, limit }, { workspace, signal }) {
    const jail = await openJail(workspace);
    const real = await jail.resolve(path);
    // A pipe would block without O_NONBLOCK; a link put there since `resolve` is not followed.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
    await using file = await open(real, flags);
    const stat = await file.stat();
    if (stat.isDirectory()) throw new Error(`"${path}" is a folder; use list`);
    if (!stat.isFile()) throw new Error(`"${path}" is not a regular file`);

    const { text, next } = await takeLines(chunks(file, path, signal), offset, limit);
    const details = { path: jail.show(real), bytes: stat.size };
    if (next !== undefined) {
      return { text: `${text}\n[cut before line ${next}; go on with offset ${next}]`, details };
    }
    if (text === "") return { text: stat.size === 0 ? "(empty file)" : `(no line ${offset})`, details };
    return { text, details };
  },
});

/** UTF-8 text piece by piece; throws for anything else. */
async function* chunks(file: FileHandle, path: string, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    const piece = buffer.subarray(0, bytesRead);
    if (piece.includes(0)) throw notText(path);
    yield decode(decoder, piece, bytesRead > 0, path);
    if (bytesRead === 0) return;
  }
}

function decode(decoder: Decoder, piece: Uint8Array, more: boolean, path: string): string {
  try {
    return decoder.decode(piece, { stream: more });
  } catch {
    throw notText(path);
  }
}

function notText(path: string): Error {
  return new Error(`"${path}" is a binary file; read takes UTF-8 text only`);
}

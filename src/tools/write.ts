import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import * as v from "valibot";
import { defineTool } from "../agent/tool.ts";
import { openJail } from "./jail.ts";

const MAX_CONTENT_CHARS = 5_000_000;
const MAX_APPENDED_BYTES = 32 * 1024 * 1024;

export default defineTool({
  name: "write",
  description: "Write a text file; makes its folders. Replaces what is there unless append is true.",
  title: ({ path }) => `write ${path}`,
  kind: "file",
  effect: "external",
  input: v.object({
    path: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
    content: v.pipe(v.string(), v.maxLength(MAX_CONTENT_CHARS)),
    append: v.optional(v.boolean(), false),
  }),
  parameters: {
    type: "object",
    properties: {
      path: { type: "string", description: "relative to the workspace" },
      content: { type: "string" },
      append: { type: "boolean", description: "add to the end instead" },
    },
    required: ["path", "content"],
  },
  async run({ path, content, append }, { workspace, signal }) {
    const jail = await openJail(workspace);
    const real = await jail.resolve(path);
    if (real === jail.root) throw new Error(`"${path}" is the workspace itself; name a file in it`);
    await mkdir(dirname(real), { recursive: true, mode: 0o700 });

    const before = await stat(real).catch(() => undefined);
    if (before && !before.isFile()) throw new Error(`"${path}" is not a regular file`);
    const old = append && before ? await readAll(real, before.size) : undefined;
    const data = old ? Buffer.concat([old, Buffer.from(content)]) : Buffer.from(content);
    signal.throwIfAborted();
    // A script stays executable.
    await replace(real, data, before ? before.mode & 0o777 : 0o600);

    const shown = jail.show(real);
    const did = old ? "added to" : before ? "replaced" : "wrote";
    return { text: `${did} ${shown} (${data.length} bytes)`, details: { path: shown, bytes: data.length } };
  },
});

async function readAll(path: string, size: number): Promise<Buffer> {
  if (size > MAX_APPENDED_BYTES) throw new Error(`the file is too large to add to (${size} bytes)`);
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  return await file.readFile();
}

/** Readers see the old bytes or the new bytes, never half of either. */
async function replace(path: string, data: Buffer, mode: number): Promise<void> {
  const draft = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.draft`;
  try {
    await using file: FileHandle = await open(draft, "wx", mode);
    await file.writeFile(data);
    await file.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await rename(draft, path);
}

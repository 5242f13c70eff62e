import * as v from "valibot";
import { defineTool } from "../agent/tool.ts";
import { openJail } from "./jail.ts";

const DEFAULT_TIMEOUT_SECONDS = 120;
const MAX_TIMEOUT_SECONDS = 600;
const MAX_OUTPUT_BYTES = 60 * 1024;
const MAX_TITLE_CHARS = 80;

export default defineTool({
  name: "exec",
  description: "Run a shell command in the workspace; its output and exit code come back.",
  title: ({ command }) => `$ ${shorten(command)}`,
  kind: "command",
  effect: "external",
  input: v.object({
    command: v.pipe(v.string(), v.minLength(1), v.maxLength(100_000)),
    timeoutSeconds: v.optional(
      v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_TIMEOUT_SECONDS)),
      DEFAULT_TIMEOUT_SECONDS,
    ),
    cwd: v.optional(v.pipe(v.string(), v.maxLength(4096)), "."),
  }),
  parameters: {
    type: "object",
    properties: {
      command: { type: "string", description: "for /bin/sh" },
      timeoutSeconds: {
        type: "number",
        description: `default ${DEFAULT_TIMEOUT_SECONDS}, at most ${MAX_TIMEOUT_SECONDS}`,
      },
      cwd: { type: "string", description: "folder in the workspace" },
    },
    required: ["command"],
  },
  async run({ command, timeoutSeconds, cwd }, { workspace, childEnv, signal, progress }) {
    const jail = await openJail(workspace);
    const { runChild } = await import("../platform/spawn.ts");
    const ended = await runChild({
      command: "/bin/sh",
      args: ["-c", command],
      cwd: await jail.resolve(cwd || "."),
      env: { ...childEnv },
      signal,
      timeoutMs: timeoutSeconds * 1000,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      onOutput: progress,
    });
    const { exitCode, timedOut, durationMs } = ended;
    const notes: string[] = [];
    if (timedOut) notes.push(`timed out after ${timeoutSeconds} s`);
    else if (ended.signal) notes.push(`ended by ${ended.signal}`);
    else if (exitCode !== 0) notes.push(`exit code ${exitCode}`);
    const text = [ended.output.trimEnd() || "(no output)", ...notes].join("\n");
    return { text, details: { exitCode, timedOut, durationMs } };
  },
});

function shorten(command: string): string {
  const line = command.replace(/\s+/g, " ").trim();
  return line.length > MAX_TITLE_CHARS ? `${line.slice(0, MAX_TITLE_CHARS - 1)}…` : line;
}

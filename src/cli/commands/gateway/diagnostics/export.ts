import { clientOptions } from "../../../client-options.ts";
import { columns } from "../../../columns.ts";
import { defineCommand } from "../../../command.ts";
import { exportDiagnostics } from "../../../export-diagnostics.ts";

export default defineCommand({
  summary: "Write a ZIP file for somebody who helps you",
  description: [
    "Config without secrets, the end of the log, status, health, stability, findings of the doctor, versions.",
    "Works with the gateway down too. Look through it before you send it: names and addresses are still in it.",
  ],
  options: {
    output: { type: "string", alias: "o", placeholder: "path", summary: "a file, or a folder to put it in" },
    logLines: { type: "number", min: 0, max: 5_000, default: 2_000, summary: "lines of the log (2000)" },
    ...clientOptions,
  },
  examples: [
    "openclaw gateway diagnostics export",
    "openclaw gateway diagnostics export --output ~/openclaw.zip",
  ],
  run: ({ output, logLines, timeout }, context) =>
    exportDiagnostics({ output, logLines, timeoutMs: timeout }, context),
  render({ path, bytes, files, problems }, { io }) {
    io.out(path);
    io.note(`${files.length} files, ${Math.ceil(bytes / 1_024)} KB, only you can read it:`);
    for (const line of columns(files.map(({ path: name, what }) => [name, what] as const))) io.note(line);
    for (const problem of problems) io.note(`  missing: ${problem}`);
  },
});

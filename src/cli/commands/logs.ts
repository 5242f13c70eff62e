import { checkConfig } from "../../config/load.ts";
import { printable } from "../../platform/printable.ts";
import { clientOptions } from "../client-options.ts";
import { defineCommand } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { followLog } from "../follow-log.ts";
import { paint } from "../io.ts";
import { logEntry } from "../log-entry.ts";
import { fileSource, gatewaySource, type LogSource } from "../log-source.ts";
import { troubleFault } from "../trouble-fault.ts";

export default defineCommand({
  summary: "Show the gateway's log",
  description: ["Works without a running gateway too: then the log files of this state folder are read."],
  options: {
    follow: { type: "boolean", alias: "f", summary: "go on with new lines until Ctrl-C" },
    limit: {
      type: "number",
      alias: "n",
      otherNames: ["tail"],
      min: 1,
      max: 5_000,
      default: 200,
      summary: "how many of the newest lines (200)",
    },
    json: { type: "boolean", summary: "lines as they are in the file, one JSON object each" },
    plain: { type: "boolean", summary: "no colours" },
    ...clientOptions,
  },
  examples: ["openclaw logs --follow", "openclaw logs --tail 100"],
  async run({ follow, limit, json, plain, timeout }, context) {
    const { io, env, paths, signal } = context;
    // A broken config must not hide the log that may say why.
    const { ok } = await checkConfig({ env, paths, purpose: "look" });
    const files = !ok || (await context.target()).local ? fileSource(paths.logsDir) : undefined;
    const style = paint(io.color.out && !plain);
    const show = json ? (line: string) => line : (line: string) => logEntry(line, style);
    let shown = 0;
    const batches = followLog({
      connect: async () => (ok ? connect(context, timeout, files === undefined && shown === 0) : undefined),
      files,
      limit,
      follow,
      signal,
      onSource(name) {
        if (follow || context.verbose) io.note(printable(`[logs] reading ${name}`));
      },
    });
    for await (const lines of batches) {
      shown += lines.length;
      if (lines.length > 0) io.out(lines.map(show).join("\n"));
    }
    if (shown === 0)
      io.note(`notice: no log lines in ${paths.logsDir}; the gateway writes them when it starts`);
  },
});

/** `mustAnswer`: with no files to fall back on, the first attempt says what is wrong. */
async function connect(
  context: CommandContext,
  timeoutMs: number,
  mustAnswer: boolean,
): Promise<LogSource | undefined> {
  const reached = await context.reach({ scopes: ["operator.read"] });
  if (reached.kind === "connected") return gatewaySource(reached.connection, timeoutMs);
  if (mustAnswer) throw troubleFault(reached.trouble, await context.target(), "call", context.name);
  return undefined;
}

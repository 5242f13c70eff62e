import { checkConfig } from "../../config/load.ts";
import { printable } from "../../platform/printable.ts";
import { clientOptions } from "../client-options.ts";
import { defineCommand } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { followLog } from "../follow-log.ts";
import { paint } from "../io.ts";
import { logEntry } from "../log-entry.ts";
import { LOG_LEVELS, logFilter, timeOf } from "../log-filter.ts";
import { fileSource, gatewaySource, MAX_LINES } from "../log-source.ts";
import { troubleFault } from "../trouble-fault.ts";

const FILTER = "What is shown";

export default defineCommand({
  summary: "Show the gateway's log",
  description: [
    "Works without a running gateway too: then the log files of this state folder are read.",
    "A time is how long ago (10m, 2h, 1d) or a moment (2026-11-20 18:15). --limit counts the lines that are shown.",
  ],
  options: {
    follow: { type: "boolean", alias: "f", summary: "go on with new lines until Ctrl-C" },
    limit: {
      type: "number",
      alias: "n",
      otherNames: ["tail"],
      min: 1,
      max: MAX_LINES,
      default: 200,
      summary: "how many of the newest lines (200)",
    },
    level: { type: "choice", values: LOG_LEVELS, section: FILTER, summary: "this level and what is worse" },
    since: { type: "string", placeholder: "time", section: FILTER, summary: "lines from then on" },
    until: { type: "string", placeholder: "time", section: FILTER, summary: "lines up to then" },
    grep: {
      type: "string",
      placeholder: "pattern",
      section: FILTER,
      summary: "lines with this text (regular expression)",
    },
    subsystem: {
      type: "string",
      placeholder: "name",
      section: FILTER,
      summary: "lines of one part, for example ws, or of several: ws,turn",
    },
    json: { type: "boolean", summary: "lines as they are in the file, one JSON object each" },
    plain: { type: "boolean", summary: "no colours" },
    utc: { type: "boolean", summary: "times in UTC instead of local time" },
    localTime: { type: "boolean", summary: "times in local time, as without it" },
    interval: {
      type: "duration",
      bareUnit: "ms",
      default: 1_000,
      summary: "with --follow: how often to look (1s)",
    },
    maxBytes: {
      type: "number",
      min: 1,
      max: 1_000_000,
      default: 1_000_000,
      summary: "read at most so much at once",
    },
    ...clientOptions,
  },
  examples: [
    "openclaw logs --follow",
    "openclaw logs --tail 100",
    "openclaw logs --level warn --since 1d",
    "openclaw logs --follow --grep 'pairing|refused'",
  ],
  async run(args, context) {
    const { follow, limit, json, plain, utc, interval, maxBytes, timeout } = args;
    const { io, env, paths, signal } = context;
    const filter = logFilter(args, Date.now());
    // A broken config must not hide the log that may say why.
    const { ok } = await checkConfig({ env, paths, purpose: "look" });
    const files = !ok || (await context.target()).local ? fileSource(paths.logsDir, maxBytes) : undefined;
    const style = paint(io.color.out && !plain);
    const show = json ? (line: string) => line : (line: string) => logEntry(line, style, utc);
    let shown = 0;
    let first = true;
    const open = async () => {
      const connection = await connect(context, files === undefined && first);
      return connection && gatewaySource(connection, { timeoutMs: timeout, maxBytes });
    };
    const batches = followLog({
      connect: async () => (ok ? open() : undefined),
      files,
      limit: filter.active ? MAX_LINES : limit,
      follow,
      signal,
      pollMs: interval,
      onSource(name) {
        if (follow || context.verbose) io.note(printable(`[logs] reading ${name}`));
      },
    });
    for await (const batch of batches) {
      const wanted = batch.filter(filter.shows);
      const lines = first ? wanted.slice(-limit) : wanted;
      if (first && filter.sinceMs !== undefined && wanted.length === lines.length)
        noteUnread(batch, filter.sinceMs, context);
      first = false;
      shown += lines.length;
      if (lines.length > 0) io.out(lines.map(show).join("\n"));
    }
    if (shown > 0) return;
    io.note(
      filter.active
        ? "notice: no such log lines"
        : `notice: no log lines in ${paths.logsDir}; the gateway writes them when it starts`,
    );
  },
});

/** More was asked for than is read at once. */
function noteUnread(batch: readonly string[], sinceMs: number, { io, paths }: CommandContext): void {
  const oldest = batch.length >= MAX_LINES ? timeOf(batch[0]!) : Number.NaN;
  if (oldest > sinceMs)
    io.note(
      `notice: the newest ${MAX_LINES} lines were looked at, back to ${new Date(oldest).toISOString()}; the rest is in ${paths.logsDir}`,
    );
}

/** `mustAnswer`: with no files to fall back on, the first attempt says what is wrong. */
async function connect(context: CommandContext, mustAnswer: boolean) {
  const reached = await context.reach({ scopes: ["operator.read"] });
  if (reached.kind === "connected") return reached.connection;
  if (mustAnswer) throw troubleFault(reached.trouble, await context.target(), "call", context.name);
  return undefined;
}

import { CHANNELS } from "../../../channels/channels.gen.ts";
import { findChannel } from "../../channels/known-channel.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { MAX_LINES } from "../../log-source.ts";
import { runSibling } from "../../sibling-command.ts";

export default defineCommand({
  summary: "Show the lines of the log about chat apps",
  description: ["The same as openclaw logs --subsystem; that one has more to choose from."],
  positionals: { platform: { summary: "only this one", optional: true } },
  options: {
    channel: { type: "string", placeholder: "id", summary: "the same as an option" },
    follow: { type: "boolean", alias: "f", summary: "go on with new lines until Ctrl-C" },
    lines: {
      ...{ type: "number", alias: "n", otherNames: ["limit", "tail"], min: 1, max: MAX_LINES, default: 200 },
      summary: "how many of the newest lines (200)",
    },
    json: { type: "boolean", summary: "lines as they are in the file, one JSON object each" },
    ...clientOptions,
  },
  examples: ["openclaw channels logs telegram --follow"],
  async run({ platform, channel, lines, ...args }, context) {
    const wanted = platform ?? channel;
    const ids = wanted === undefined ? CHANNELS.map(({ id }) => id) : [findChannel(wanted, context.name).id];
    await runSibling("logs", { ...args, limit: lines, subsystem: [...ids, "channels"].join(",") }, context);
  },
});

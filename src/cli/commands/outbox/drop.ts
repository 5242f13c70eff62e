import { printable } from "../../../platform/printable.ts";
import type { OutboxEntry } from "../../../sessions/outbox-entry.ts";
import { openOutboxDesk } from "../../channels/outbox-desk.ts";
import { outboxTargets } from "../../channels/outbox-targets.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Give up a message that waits or has failed",
  description: ["What of it has arrived stays. One that is being sent right now cannot be taken back."],
  positionals: { id: { summary: "id of the message, or the beginning of it", optional: true } },
  options: {
    all: { type: "boolean", summary: "every message that has failed" },
    ...clientOptions,
  },
  examples: ["openclaw outbox drop 3f1c9a2b", "openclaw outbox drop --all"],
  async run(args, context): Promise<{ messages: OutboxEntry[] }> {
    using desk = await openOutboxDesk(context);
    const messages = await outboxTargets(args, desk, context.name);
    for (const { id } of messages) await desk.drop(id);
    return { messages };
  },
  render({ messages }, { io }) {
    if (messages.length === 0) io.out("No message has failed.");
    for (const { id, channel, to } of messages)
      io.out(printable(`Dropped ${id.slice(0, 8)} (${channel} to ${to})`));
  },
});

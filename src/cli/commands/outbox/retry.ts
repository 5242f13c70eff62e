import { printable } from "../../../platform/printable.ts";
import type { OutboxEntry } from "../../../sessions/outbox-entry.ts";
import { openOutboxDesk } from "../../channels/outbox-desk.ts";
import { outboxTargets } from "../../channels/outbox-targets.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Send a message again that has failed or waits",
  description: [
    "What of it has arrived is not sent again. Without a running gateway it goes out with the next start.",
  ],
  positionals: { id: { summary: "id of the message, or the beginning of it", optional: true } },
  options: {
    all: { type: "boolean", summary: "every message that has failed" },
    ...clientOptions,
  },
  examples: ["openclaw outbox retry 3f1c9a2b", "openclaw outbox retry --all"],
  async run(args, context): Promise<{ messages: OutboxEntry[] }> {
    using desk = await openOutboxDesk(context);
    const messages = await outboxTargets(args, desk, context.name);
    for (const { id } of messages) await desk.retry(id);
    return { messages };
  },
  render({ messages }, { io }) {
    if (messages.length === 0) io.out("No message has failed.");
    for (const { id, channel, to } of messages)
      io.out(printable(`Due again: ${id.slice(0, 8)} (${channel} to ${to})`));
  },
});

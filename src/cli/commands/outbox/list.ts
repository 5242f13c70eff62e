import type { OutboxEntry } from "../../../sessions/outbox-entry.ts";
import { findChannel } from "../../channels/known-channel.ts";
import { openOutboxDesk } from "../../channels/outbox-desk.ts";
import { outboxLines } from "../../channels/outbox-lines.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { paint } from "../../io.ts";
import { printableData } from "../../printable-data.ts";

interface Listed {
  messages: OutboxEntry[];
  all: boolean;
}

export default defineCommand({
  summary: "Show what waits to be sent, and what could not be",
  description: [
    "A message is sent when the platform has given it an id. What failed stays for 30 days, with the reason.",
    "Works without a running gateway as well: then it reads what the last one has stored.",
  ],
  options: {
    channel: { type: "string", placeholder: "id", summary: "only this chat app" },
    account: { type: "string", placeholder: "id", summary: "only this account" },
    state: {
      type: "choice",
      values: ["queued", "sending", "sent", "failed", "unknown"],
      summary: "only messages in this state",
    },
    all: { type: "boolean", summary: "also what was sent within a day" },
    ...clientOptions,
  },
  examples: ["openclaw outbox list", "openclaw outbox list --state failed"],
  async run({ channel, account, state, all }, context): Promise<Listed> {
    const id = channel === undefined ? undefined : findChannel(channel, context.name).id;
    using desk = await openOutboxDesk(context);
    const messages = await desk.list({
      ...(id !== undefined && { channel: id }),
      ...(account !== undefined && { accountId: account }),
      ...(state !== undefined && { state }),
    });
    const shown = messages.filter((message) => all || state !== undefined || message.state !== "sent");
    return { messages: shown, all };
  },
  render({ messages, all }, { io }) {
    if (messages.length === 0)
      return io.out(all ? "The outbox is empty." : "Nothing waits, nothing has failed.");
    for (const line of outboxLines(printableData(messages), paint(io.color.out), Date.now())) io.out(line);
    const open = messages.find(({ state }) => state === "failed" || state === "unknown");
    if (open)
      io.out(
        `try again: openclaw outbox retry ${open.id.slice(0, 8)}    give up: openclaw outbox drop ${open.id.slice(0, 8)}`,
      );
  },
});

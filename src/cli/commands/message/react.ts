import { randomUUID } from "node:crypto";
import { printable } from "../../../platform/printable.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { UsageError } from "../../usage.ts";

interface Reacted {
  ok: true;
  channel: string;
  to: string;
  messageId: string;
  emoji?: string;
}

export default defineCommand({
  summary: "Put a reaction on a message in a chat app, or take ours away",
  options: {
    channel: { type: "string", placeholder: "id", required: true, summary: "which chat app" },
    target: {
      ...{ type: "string", alias: "t", placeholder: "id", required: true, otherNames: ["to"] },
      summary: "the chat the message is in",
    },
    messageId: {
      type: "string",
      placeholder: "id",
      required: true,
      summary: "the platform's id of the message",
    },
    emoji: { type: "string", placeholder: "emoji", summary: "the reaction" },
    remove: { type: "boolean", summary: "take our reaction away" },
    account: { type: "string", placeholder: "id", summary: "which account of the channel" },
    ...clientOptions,
  },
  examples: ["openclaw message react --channel telegram --target 12345 --message-id 42 --emoji 👍"],
  async run({ channel, target, messageId, emoji, remove, account }, { call }): Promise<Reacted> {
    if (remove === (emoji !== undefined))
      throw new UsageError('"message react" takes --emoji or --remove', ["message", "react"]);
    const request = {
      ...{ channel, action: "react", idempotencyKey: randomUUID() },
      params: { to: target, messageId, remove, ...(emoji !== undefined && { emoji }) },
      ...(account !== undefined && { accountId: account }),
    };
    return await call("message.action", request, { scopes: ["operator.write"], surface: "message" });
  },
  render({ channel, to, messageId, emoji }, { io }) {
    const done = emoji === undefined ? "Took the reaction away from" : `Reacted with ${emoji} to`;
    io.out(printable(`${done} message ${messageId} in ${to} (${channel})`));
  },
});

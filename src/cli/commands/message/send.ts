import { printable } from "../../../platform/printable.ts";
import { dryRun, type Sent, sendMessage } from "../../channels/send-message.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Send a message to somebody in a chat app",
  description: [
    "It is sent when the platform has given it an id; that id is printed. A message that has to wait is a failure",
    "(exit code 1), and goes out by itself later; with --queue it is called queued and the exit code is 0.",
    "--queue works without a running gateway too: the message goes out when one starts.",
  ],
  options: {
    channel: {
      ...{ type: "string", placeholder: "id" },
      summary: "which chat app, such as telegram; needed where there are several",
    },
    target: {
      ...{ type: "string", alias: "t", placeholder: "id", required: true, otherNames: ["to"] },
      summary: "the person or group, by the platform's id",
    },
    message: { type: "string", alias: "m", placeholder: "text", summary: "what to say" },
    media: { type: "string", placeholder: "file", summary: "a file to send along" },
    account: { type: "string", placeholder: "id", summary: "which account of the channel" },
    thread: {
      type: "string",
      placeholder: "id",
      otherNames: ["thread-id"],
      summary: "topic or thread of the group",
    },
    replyTo: { type: "string", placeholder: "id", summary: "message id it answers" },
    silent: { type: "boolean", summary: "without a sound, where the platform can" },
    queue: { type: "boolean", summary: "a message that has to wait is no failure" },
    dryRun: { type: "boolean", summary: "show what would be sent; asks nobody" },
    ...clientOptions,
  },
  examples: [
    "openclaw message send --channel telegram --target 12345 --message hello",
    "openclaw message send --channel irc --target '#ops' --message 'backup done' --queue",
  ],
  run({ dryRun: dry, ...args }, context): Promise<Sent> {
    return dry ? dryRun(args, context) : sendMessage(args, context);
  },
  render(sent, { io }) {
    for (const line of linesOf(sent)) io.out(printable(line));
  },
});

function linesOf(sent: Sent): string[] {
  const { kind, channel, to } = sent;
  switch (kind) {
    case "sent": {
      const { messageIds } = sent;
      return messageIds.length > 1
        ? [`Sent to ${to} by ${channel} in ${messageIds.length} parts: message ids ${messageIds.join(", ")}`]
        : [`Sent to ${to} by ${channel}: message id ${sent.messageId}`];
    }
    case "queued":
      return [
        `Queued for ${to} by ${channel}, not sent yet: ${sent.reason}`,
        `  follow it: openclaw outbox list    take it back: openclaw outbox drop ${sent.outboxId.slice(0, 8)}`,
      ];
    case "dry-run": {
      const { parts, file, accountId } = sent;
      const count = parts.length === 1 ? "1 message" : `${parts.length} messages`;
      const head = `Would send ${count}${file === undefined ? "" : ` and the file ${file}`} to ${to} by ${channel} ${accountId}. Nothing was sent.`;
      return [head, ...parts.flatMap((part) => part.split("\n").map((line) => `  ${line}`))];
    }
  }
}

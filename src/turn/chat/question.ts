import { withContext } from "../../agent/message-context.ts";
import type { InboundMessage } from "../../channels/inbound.ts";
import { quote, shortName, withoutTemplateTokens } from "./untrusted.ts";

/**
 * What the model reads: the text, and behind it what is known of its sender, as data in the user's role and never in the
 * system prompt (INJ-03, CHAN-11). `notes` are of the gateway, e.g. about attachments.
 */
export function questionOf(
  message: InboundMessage,
  { label, isOwner, notes }: { label: string; isOwner: boolean; notes: readonly string[] },
): string {
  const { chat, sender, replyTo } = message;
  const text = withoutTemplateTokens(message.text).trim();
  const context = {
    on: label,
    ...(chat.kind === "group" && { group: shortName(chat.title) ?? chat.id }),
    from: shortName(sender.name) ?? shortName(sender.username) ?? sender.id,
    fromId: sender.id,
    ...(isOwner && { fromOwner: true }),
    ...(sender.isBot && { fromBot: true }),
    ...(replyTo && {
      inReplyTo: { from: shortName(replyTo.senderName), text: quote(replyTo.text) },
    }),
    ...(notes.length > 0 && { attachments: notes }),
  };
  return withContext(text, context);
}

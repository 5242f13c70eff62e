import type { Message, MessageEntity, Update, User } from "grammy/types";
import type { InboundMessage } from "../inbound.ts";
import { findMedia, type MediaFile } from "./inbound-media.ts";

/** Who we are on Telegram. */
export interface Self {
  id: number;
  username: string;
}

/** A message without its files made downloadable. */
export interface Said extends Omit<InboundMessage, "attachments"> {
  files: MediaFile[];
  /** Messages with the same one are one album. */
  album?: string;
}

export type Read =
  | { kind: "message"; said: Said; callbackId?: string }
  /** The bot was put into a chat, or out of it. */
  | { kind: "membership"; text: string }
  | { kind: "moved"; from: string; to: string }
  /** Reactions, edits, joins: nothing to answer (CHAN-12). */
  | { kind: "ignored"; why: string; callbackId?: string };

/** Pure. What an update is to us. Everything in it is said by strangers. */
export function readUpdate(update: Update, self: Self): Read {
  if (update.message) return readMessage(update.message, self);
  if (update.callback_query) return readCallback(update.callback_query);
  const member = update.my_chat_member;
  if (member) {
    const { chat, from, new_chat_member } = member;
    const where = chat.type === "private" ? "the direct chat" : `"${chat.title}"`;
    return {
      kind: "membership",
      text: `${nameOf(from)} (${from.id}) made the bot "${new_chat_member.status}" in ${where} (${chat.id})`,
    };
  }
  const [what = "nothing"] = Object.keys(update).filter((key) => key !== "update_id");
  return { kind: "ignored", why: what };
}

function readMessage(message: Message, self: Self): Read {
  const { chat } = message;
  if (message.migrate_to_chat_id !== undefined)
    return { kind: "moved", from: String(chat.id), to: String(message.migrate_to_chat_id) };
  if (chat.type === "channel") return { kind: "ignored", why: "a channel" };
  const sender = senderOf(message);
  if (!sender) return { kind: "ignored", why: "no sender" };
  const entities = message.entities ?? message.caption_entities ?? [];
  const written = message.text ?? message.caption ?? wordsFor(message);
  const files = findMedia(message);
  if (written === undefined && files.length === 0) return { kind: "ignored", why: "nothing said" };

  const command = commandIn(written ?? "", entities, self);
  if (command === "for-another-bot") return { kind: "ignored", why: "a command to another bot" };
  const thread = threadOf(message);
  const replyTo = quotedBy(message);
  const repliesToUs = message.reply_to_message?.from?.id === self.id && !isTopicRoot(message);
  const said: Said = {
    messageId: String(message.message_id),
    chat: {
      id: String(chat.id),
      kind: chat.type === "private" ? "direct" : "group",
      ...(chat.title !== undefined && { title: chat.title }),
      ...(thread !== undefined && { threadId: thread }),
    },
    sender,
    text: forwarded(message) + withAddresses(written ?? "", entities, command?.suffix),
    mentionsUs: repliesToUs || command !== undefined || isMentioned(written ?? "", entities, self),
    ...(replyTo && { replyTo }),
    sentAtMs: message.date * 1_000,
    files,
    ...(message.media_group_id !== undefined && { album: `${chat.id}:${message.media_group_id}` }),
  };
  return { kind: "message", said };
}

function readCallback({ id, from, message, data }: NonNullable<Update["callback_query"]>): Read {
  if (!message || data === undefined || message.chat.type === "channel")
    return { kind: "ignored", why: "a button elsewhere", callbackId: id };
  const { chat } = message;
  const thread = "from" in message ? threadOf(message as Message) : undefined;
  return {
    kind: "message",
    callbackId: id,
    said: {
      messageId: `button:${id}`,
      chat: {
        id: String(chat.id),
        kind: chat.type === "private" ? "direct" : "group",
        ...(chat.title !== undefined && { title: chat.title }),
        ...(thread !== undefined && { threadId: thread }),
      },
      sender: personOf(from),
      text: data,
      mentionsUs: true,
      replyTo: { messageId: String(message.message_id) },
      // A press has no date of its own; the message under which it happened may be old.
      sentAtMs: 0,
      viaButton: true,
      files: [],
    },
  };
}

const nameOf = ({ first_name, last_name }: User): string => [first_name, last_name].filter(Boolean).join(" ");

function personOf(user: User): InboundMessage["sender"] {
  const { id, username, is_bot } = user;
  return { id: String(id), name: nameOf(user), ...(username !== undefined && { username }), isBot: is_bot };
}

/** Who writes as a group or a channel is that chat: the account behind it is one for all of them. */
function senderOf({ from, sender_chat: as }: Message): InboundMessage["sender"] | undefined {
  if (!as) return from && personOf(from);
  const name = "title" in as ? as.title : undefined;
  return { id: String(as.id), ...(name !== undefined && { name }), isBot: false };
}

const threadOf = ({ is_topic_message, message_thread_id }: Message): string | undefined =>
  is_topic_message && message_thread_id !== undefined ? String(message_thread_id) : undefined;

/** In a topic every message replies to the one that opened it; nobody wrote that. */
const isTopicRoot = ({ reply_to_message: root, message_thread_id }: Message): boolean =>
  root?.forum_topic_created !== undefined ||
  (root !== undefined && root.message_id === message_thread_id && !root.text);

function quotedBy(message: Message): InboundMessage["replyTo"] {
  const { reply_to_message: original, quote } = message;
  if (!original || isTopicRoot(message)) return undefined;
  const author = original.from && nameOf(original.from);
  const text = quote?.text ?? original.text ?? original.caption;
  return {
    messageId: String(original.message_id),
    ...(author !== undefined && { senderName: author }),
    ...(text !== undefined && { text }),
  };
}

/** Whose words they are; also keeps a forwarded command from being one (CHAN-09). */
function forwarded({ forward_origin: origin }: Message): string {
  if (!origin) return "";
  const from = {
    user: () => nameOf((origin as { sender_user: User }).sender_user),
    hidden_user: () => (origin as { sender_user_name: string }).sender_user_name,
    chat: () => titleOf((origin as { sender_chat: { title?: string } }).sender_chat),
    channel: () => titleOf((origin as { chat: { title?: string } }).chat),
  }[origin.type]?.();
  return `[forwarded from ${from ?? "somebody"}]\n`;
}

const titleOf = ({ title }: { title?: string }): string => title ?? "a chat";

/** `/name@bot` names the bot it is for. */
function commandIn(
  text: string,
  entities: readonly MessageEntity[],
  self: Self,
): { suffix: string } | "for-another-bot" | undefined {
  const first = entities.find(({ type, offset }) => type === "bot_command" && offset === 0);
  const [, suffix, name] = /^\/\w+(@(\w+))/.exec(first ? text.slice(0, first.length) : "") ?? [];
  if (suffix === undefined) return undefined;
  return name!.toLowerCase() === self.username.toLowerCase() ? { suffix } : "for-another-bot";
}

function isMentioned(text: string, entities: readonly MessageEntity[], self: Self): boolean {
  return entities.some((entity) => {
    if (entity.type === "text_mention") return entity.user.id === self.id;
    const word = text.slice(entity.offset, entity.offset + entity.length);
    return entity.type === "mention" && word.toLowerCase() === `@${self.username.toLowerCase()}`;
  });
}

/** Addresses behind words are part of what was said; the bot's own name behind a command is not. */
function withAddresses(text: string, entities: readonly MessageEntity[], suffix: string | undefined): string {
  let out = text;
  for (const entity of entities.toSorted((a, b) => b.offset - a.offset)) {
    if (entity.type !== "text_link") continue;
    const end = entity.offset + entity.length;
    const label = text.slice(entity.offset, end);
    if (label !== entity.url) out = `${out.slice(0, end)} (${entity.url})${out.slice(end)}`;
  }
  return suffix === undefined ? out : out.replace(suffix, "");
}

/** What has neither text nor a file, in words. */
function wordsFor(message: Message): string | undefined {
  const { sticker, location, venue, contact, poll, dice } = message;
  if (sticker) return `[sticker ${sticker.emoji ?? ""}]`.replace(" ]", "]");
  if (venue)
    return `[place: ${venue.title}, ${venue.address} (${venue.location.latitude}, ${venue.location.longitude})]`;
  if (location) return `[location: ${location.latitude}, ${location.longitude}]`;
  if (contact)
    return `[contact: ${[contact.first_name, contact.last_name].filter(Boolean).join(" ")}, ${contact.phone_number}]`;
  if (poll) return `[poll: ${poll.question} ${poll.options.map(({ text }) => text).join(" / ")}]`;
  if (dice) return `[${dice.emoji} ${dice.value}]`;
  return undefined;
}

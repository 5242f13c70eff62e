import { type Form, parsed } from "./form.ts";
import { visibleText } from "./html.ts";
import { Refusal } from "./refusal.ts";

// biome-ignore lint/suspicious/noExplicitAny: messages as the Bot API has them
export type Json = Record<string, any>;

export interface ChatMessage {
  id: number;
  ours: boolean;
  /** As people see it. */
  text: string;
  /** What the bot sent, or the message of a person. */
  raw: Json;
  file?: { name: string; mimeType: string; data: Buffer; method: string };
  edits: number;
  reaction?: string;
}

export interface Chat {
  id: number;
  type: "private" | "group" | "supergroup";
  title?: string;
  is_forum?: boolean;
  messages: Map<number, ChatMessage>;
  /** What the next sends are refused with, e.g. blocked by the user. */
  refuses?: Refusal;
}

/** Chats with their messages, and what the Bot API does to them. */
export function createChats(self: { id: number; first_name: string; username: string }) {
  const chats = new Map<number, Chat>();
  /** Direct chats and small groups of one bot count together; each supergroup counts for itself. */
  const counters = new Map<string, number>();

  function open(id: number, more: Partial<Chat> = {}): Chat {
    const known = chats.get(id);
    if (known) return Object.assign(known, more);
    const type = id > 0 ? "private" : id < -1_000_000_000_000 ? "supergroup" : "group";
    const chat: Chat = { id, type, messages: new Map(), ...(id < 0 && { title: `Group ${-id}` }), ...more };
    chats.set(id, chat);
    return chat;
  }

  function nextId(chat: Chat): number {
    const counter = chat.type === "supergroup" ? String(chat.id) : "account";
    const id = (counters.get(counter) ?? 100) + 1;
    counters.set(counter, id);
    return id;
  }

  function find(fields: Json): Chat {
    const chat = chats.get(Number(fields.chat_id));
    if (!chat) throw new Refusal(400, "Bad Request: chat not found");
    if (chat.refuses) throw chat.refuses;
    return chat;
  }

  const publicChat = ({ id, type, title, is_forum }: Chat): Json =>
    JSON.parse(JSON.stringify({ id, type, title, is_forum }));

  /** The text in the dialect it claims to be in. */
  function shown(fields: Json, key: string, limit: number): string {
    const source = String(fields[key] ?? "");
    const text = (fields.parse_mode === "HTML" ? visibleText(source) : source).trim();
    if (text.length > limit)
      throw new Refusal(
        400,
        `Bad Request: message ${key === "text" ? "is too long" : "caption is too long"}`,
      );
    return text;
  }

  function post(form: Form, text: string, more: Json, file?: ChatMessage["file"]): Json {
    const fields = form.fields as Json;
    const chat = find(fields);
    const thread = fields.message_thread_id === undefined ? undefined : Number(fields.message_thread_id);
    if (thread !== undefined && !chat.is_forum)
      throw new Refusal(400, "Bad Request: message thread not found");
    const reply = parsed(fields.reply_parameters) as Json | undefined;
    if (reply && !chat.messages.has(Number(reply.message_id)) && !reply.allow_sending_without_reply)
      throw new Refusal(400, "Bad Request: message to be replied not found");
    const id = nextId(chat);
    const raw: Json = {
      message_id: id,
      from: { ...self, is_bot: true },
      chat: publicChat(chat),
      date: Math.floor(Date.now() / 1_000),
      ...(thread !== undefined && { message_thread_id: thread, is_topic_message: true }),
      ...more,
    };
    chat.messages.set(id, { id, ours: true, text, raw, edits: 0, ...(file && { file }) });
    return raw;
  }

  const UPLOADS: Record<string, string> = {
    sendPhoto: "photo",
    sendDocument: "document",
    sendVideo: "video",
    sendAudio: "audio",
    sendVoice: "voice",
    sendAnimation: "animation",
  };

  function upload(method: string, form: Form): Json {
    const fields = form.fields as Json;
    const [, part] = /^attach:\/\/(.+)$/.exec(String(fields[UPLOADS[method]!] ?? "")) ?? [];
    const file = form.files.get(part ?? UPLOADS[method]!);
    if (!file) throw new Refusal(400, "Bad Request: there is no document in the request");
    if (file.data.length === 0) throw new Refusal(400, "Bad Request: file must be non-empty");
    const caption = shown(fields, "caption", 1_024);
    return post(form, caption, { caption, [UPLOADS[method]!]: {} }, { ...file, method });
  }

  function own(fields: Json): ChatMessage {
    const message = find(fields).messages.get(Number(fields.message_id));
    if (!message) throw new Refusal(400, "Bad Request: message to edit not found");
    if (!message.ours) throw new Refusal(400, "Bad Request: message can't be edited");
    return message;
  }

  const notModified = () =>
    new Refusal(
      400,
      "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    );

  const methods: Record<string, (form: Form) => unknown> = {
    sendMessage(form) {
      const text = shown(form.fields, "text", 4_096);
      find(form.fields);
      if (text === "") throw new Refusal(400, "Bad Request: message text is empty");
      return post(form, text, { text });
    },
    ...Object.fromEntries(
      Object.keys(UPLOADS).map((method) => [method, (form: Form) => upload(method, form)]),
    ),
    editMessageText({ fields }) {
      const message = own(fields);
      const text = shown(fields, "text", 4_096);
      if (text === message.text) throw notModified();
      message.text = text;
      message.edits++;
      return { ...message.raw, text };
    },
    editMessageReplyMarkup({ fields }) {
      own(fields);
      throw notModified();
    },
    setMessageReaction({ fields }) {
      const message = find(fields).messages.get(Number(fields.message_id));
      if (!message) throw new Refusal(400, "Bad Request: message to react not found");
      const [reaction] = (parsed(fields.reaction) as Json[] | undefined) ?? [];
      if (reaction?.emoji === "🦄x") throw new Refusal(400, "Bad Request: REACTION_INVALID");
      message.reaction = reaction?.emoji;
      return true;
    },
    deleteMessage({ fields }) {
      if (!find(fields).messages.delete(Number(fields.message_id)))
        throw new Refusal(400, "Bad Request: message to delete not found");
      return true;
    },
    sendChatAction: ({ fields }) => Boolean(find(fields)),
  };

  return { open, nextId, publicChat, methods, all: chats };
}

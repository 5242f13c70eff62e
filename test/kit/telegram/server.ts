import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Chat, type ChatMessage, createChats, type Json } from "./chats.ts";
import { createFaults, type FaultRule, happensFirst, sendJson, spoil } from "./faults.ts";
import { type Form, parsed, readForm } from "./form.ts";
import { Refusal } from "./refusal.ts";
import { createUpdates } from "./updates.ts";
import { createWebhook } from "./webhook.ts";

export { blocked, type Fault, otherPoller, tooMany, unauthorized } from "./faults.ts";
export { Refusal } from "./refusal.ts";
export type { ChatMessage };

export interface FakeTelegramOptions {
  token?: string;
  username?: string;
  /** What BotFather's privacy mode leaves: false is the default of new bots. */
  canReadAllGroupMessages?: boolean;
}

/** What a person does. */
export interface Said {
  /** A direct chat is the id of the person, a group is negative, a supergroup below -1000000000000. */
  chat: number;
  from?: Json;
  text?: string;
  threadId?: number;
  /** Id of an earlier message of this chat. */
  replyTo?: number;
  /** More of the message: photo, entities, caption, media_group_id. */
  more?: Json;
  /** Another kind of update: "edited_message", "channel_post". */
  as?: string;
}

/**
 * A Bot API server on a real port. It behaves like the real one, also where that is awkward: updates are kept until an
 * offset confirms them, a second poll ends the first with 409, ids of messages are counted per account or per supergroup.
 */
export interface FakeTelegram extends AsyncDisposable {
  /** For `channels.telegram.apiRoot`. */
  apiRoot: string;
  token: string;
  self: { id: number; first_name: string; username: string };
  /** Every call, oldest first; `getUpdates` only with an offset that confirms something new. */
  calls: { method: string; fields: Json; at: number }[];
  /** Polls begun so far. */
  polls(): number;
  /** A poll is waiting now. */
  isPolled(): boolean;
  /** Answers the waiting poll: nothing new. */
  endPoll(): void;
  /** Updates nobody has confirmed yet. */
  unconfirmed(): Json[];
  chat(id: number, more?: Partial<Chat>): Chat;
  /** The bot's messages in one chat, or in all of them, oldest first. */
  sent(chatId?: number): ChatMessage[];
  /** A person writes; returns the id of the message. */
  say(said: Said): number;
  /** A person presses a button under a message of ours; returns the id of the query. */
  press(chatId: number, messageId: number, data: string, from?: Json): string;
  /** Any update, as it is; with `update_id` again or out of order. */
  push(update: Json): number;
  /** The last updates once more, also confirmed ones, the newest first. */
  repeat(count: number): void;
  skipUpdateIds(count: number): void;
  /** A file that `getFile` knows; returns its file_id. */
  addFile(data: Buffer, path?: string): string;
  inject(rule: FaultRule): Disposable;
  clearFaults(): void;
  /** Connections are refused until `up`; the open ones are reset. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Resets the open connections; new ones work. */
  dropConnections(): void;
  /** Open connections go silent: what arrives on them is never read again. New ones work. */
  freezeConnections(): void;
  connections(): number;
}

export async function openFakeTelegram(options: FakeTelegramOptions = {}): Promise<FakeTelegram> {
  const token = options.token ?? "7000001:AAFakeTokenOfTheFakeBotApiServer-123";
  const self = { id: 7_000_001, first_name: "Claw", username: options.username ?? "claw_bot" };
  const chats = createChats(self);
  const updates = createUpdates();
  const faults = createFaults();
  const webhook = createWebhook(updates);
  const files = new Map<string, { path: string; data: Buffer }>();
  const pushed: Json[] = [];
  const calls: FakeTelegram["calls"] = [];
  const frozen = new WeakSet<Socket>();
  const sockets = new Set<Socket>();
  let polls = 0;
  let confirmed = 0;
  let commands: unknown[] = [];
  let queryCount = 0;

  const methods: Record<string, (form: Form) => unknown> = {
    ...chats.methods,
    ...webhook.methods,
    getMe: () => ({
      ...self,
      is_bot: true,
      can_join_groups: true,
      can_read_all_group_messages: options.canReadAllGroupMessages ?? false,
      supports_inline_queries: false,
    }),
    getFile({ fields }) {
      const file = files.get(String(fields.file_id));
      if (!file) throw new Refusal(400, "Bad Request: invalid file_id");
      if (file.data.length > 20 * 1_024 * 1_024) throw new Refusal(400, "Bad Request: file is too big");
      return { file_id: fields.file_id, file_size: file.data.length, file_path: file.path };
    },
    answerCallbackQuery: () => true,
    setMyCommands({ fields }) {
      commands = parsed(fields.commands) as unknown[];
      return true;
    },
    getMyCommands: () => commands,
    deleteMyCommands() {
      commands = [];
      return true;
    },
    getChat: ({ fields }) => {
      const chat = chats.all.get(Number(fields.chat_id));
      if (!chat) throw new Refusal(400, "Bad Request: chat not found");
      return chats.publicChat(chat);
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, "http://fake");
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    if (frozen.has(request.socket)) return;
    const [, isFile, given, rest = ""] = /^\/(file\/)?bot([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    const method = isFile ? "file" : rest;
    const fault = faults.next(method);
    if (fault !== undefined && !happensFirst(fault) && (await spoil(fault, request, response))) return;
    let result: unknown;
    try {
      if (given !== token)
        throw /^\d+:/.test(given ?? "") ? new Refusal(401, "Unauthorized") : new Refusal(404, "Not Found");
      if (isFile) return sendFile(decodeURIComponent(rest), response);
      const form = readForm(request.headers["content-type"] ?? "", Buffer.concat(pieces), url.searchParams);
      note(method, form.fields);
      if (method === "getUpdates") return getUpdates(form.fields, response);
      if (!Object.hasOwn(methods, method)) throw new Refusal(404, "Not Found: method not found");
      result = methods[method]!(form);
    } catch (thrown) {
      if (fault === undefined || !happensFirst(fault)) return refuse(response, thrown);
    }
    if (fault !== undefined && happensFirst(fault)) await spoil(fault, request, response);
    else sendJson(response, 200, { ok: true, result });
  }

  function note(method: string, fields: Json): void {
    if (method !== "getUpdates") return void calls.push({ method, fields, at: Date.now() });
    polls++;
    const offset = Number(fields.offset ?? 0);
    if (offset > confirmed) calls.push({ method, fields, at: Date.now() });
    confirmed = Math.max(confirmed, offset);
  }

  function getUpdates(fields: Json, response: ServerResponse): void {
    if (webhook.url() !== "")
      throw new Refusal(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    updates.poll(fields, response, (result) =>
      result instanceof Refusal ? refuse(response, result) : sendJson(response, 200, { ok: true, result }),
    );
  }

  function sendFile(path: string, response: ServerResponse): void {
    const file = [...files.values()].find((one) => one.path === path);
    if (!file) throw new Refusal(404, "Not Found");
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": file.data.length,
    });
    response.end(file.data);
  }

  function refuse(response: ServerResponse, thrown: unknown): void {
    const refusal =
      thrown instanceof Refusal ? thrown : new Refusal(400, `Bad Request: ${(thrown as Error).message}`);
    const { code, message: description, parameters } = refusal;
    sendJson(response, code, { ok: false, error_code: code, description, ...(parameters && { parameters }) });
  }

  function push(update: Json): number {
    const update_id = updates.push(update);
    if (update.update_id === undefined) pushed.push({ ...update, update_id });
    webhook.deliver();
    return update_id;
  }

  const person = (id: number): Json => ({
    id,
    is_bot: false,
    first_name: `Person ${id}`,
    username: `person${id}`,
  });

  let server: Server;
  async function listen(port: number): Promise<number> {
    server = createServer(
      (request, response) => void handle(request, response).catch(() => request.socket.destroy()),
    );
    server.keepAliveTimeout = 60_000;
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
    });
    await once(server.listen(port, "127.0.0.1"), "listening");
    return (server.address() as AddressInfo).port;
  }
  async function shut(): Promise<void> {
    for (const socket of sockets) socket.resetAndDestroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
  const port = await listen(0);

  return {
    apiRoot: `http://127.0.0.1:${port}`,
    token,
    self,
    calls,
    polls: () => polls,
    isPolled: updates.waits,
    endPoll: () => updates.endPoll(),
    unconfirmed: () => updates.queue,
    chat: chats.open,
    sent: (chatId) =>
      [...chats.all.values()]
        .filter(({ id }) => chatId === undefined || id === chatId)
        .flatMap((chat) => [...chat.messages.values()].filter(({ ours }) => ours)),
    say({ chat: chatId, from, text, threadId, replyTo, more, as = "message" }) {
      const chat = chats.open(chatId, threadId === undefined ? {} : { is_forum: true });
      const message_id = chats.nextId(chat);
      const quoted = replyTo === undefined ? undefined : chat.messages.get(replyTo)?.raw;
      const raw: Json = {
        message_id,
        from: from ?? person(chatId > 0 ? chatId : 501),
        chat: chats.publicChat(chat),
        date: Math.floor(Date.now() / 1_000),
        ...(text !== undefined && { text }),
        ...(threadId !== undefined && { message_thread_id: threadId, is_topic_message: true }),
        ...(quoted && { reply_to_message: quoted }),
        ...more,
      };
      chat.messages.set(message_id, { id: message_id, ours: false, text: text ?? "", raw, edits: 0 });
      push({ [as]: raw });
      return message_id;
    },
    press(chatId, messageId, data, from = person(chatId > 0 ? chatId : 501)) {
      const id = String(++queryCount);
      const message = chats.all.get(chatId)?.messages.get(messageId)?.raw;
      push({ callback_query: { id, from, message, data, chat_instance: "1" } });
      return id;
    },
    push,
    repeat(count) {
      for (const update of pushed.slice(-count).reverse()) updates.push({ ...update, redelivered: true });
    },
    skipUpdateIds: updates.skipIds,
    addFile(data, path = `documents/file_${files.size}.bin`) {
      const id = `file-${files.size}`;
      files.set(id, { path, data });
      return id;
    },
    inject: faults.inject,
    clearFaults: faults.clear,
    down: shut,
    async up() {
      await listen(port);
    },
    dropConnections() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    freezeConnections() {
      for (const socket of sockets) frozen.add(socket.pause());
    },
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      webhook.stop();
      await shut();
    },
  };
}
